# Reviewed by the authors, whose language this is, 2026-11-26.

mail-link-ready-subject = Your images are ready
mail-link-ready-before = The images you asked for (request { $reference }) are ready. To see and save them, open this page:
mail-link-ready-after =
    You need your access code and the patient's birth date. The code is not in this message: it reaches you another way. Never send it on together with this link.

    The link works through { $until }. If you did not ask for images, do not open it, and call us.
mail-link-shared-subject = Images were shared with you
mail-link-shared-before = Someone shares medical images with you. To see them, open this page:
mail-link-shared-after =
    You need the access code and the patient's birth date. Whoever shares the images tells you the code; it is not in this message.

    The link works through { $until }. If you expect no images, delete this message.
mail-link-used-subject = A link you shared was used
mail-link-used-before = On { $date } someone entered by a link that you passed on (request { $reference }).
mail-link-used-after = You can see who opened what, and end that link at any time, on the page of your own link. If this surprises you, end it and call us.
mail-request-made-subject = A request for images was made
mail-request-made-before = On { $date } we received a request for images (request { $reference }). We tell you because your address was on file with us before.
mail-request-made-after = If you made this request, you need do nothing. If you know nothing of it, call us at once: nothing leaves before we have checked who asks.
