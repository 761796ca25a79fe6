# Reviewed by the authors, whose language this is, 2026-11-26.

## The mail that carries a link
mail-link-subject = Your medical images are ready
mail-link-text =
    { $hospital } has your images ready. You can look at them, save them, and share them with a doctor here:

    { $url }

    The page will ask for your birth date and your access code. The code is never in an e-mail: it comes to you another way, on paper or by telephone.

    The link works until { $until }. If it does not open, or you did not ask for this, call { $phone } ({ $hours }).
