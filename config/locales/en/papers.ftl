# Reviewed by the authors, whose language this is, 2026-11-25.

## Letters that go with a disc or a link
letter-dear = Dear { $name },
letter-reference = Your request: { $reference }
letter-disc-intro = You asked us for medical images. The disc that came with this letter holds them.
letter-disc-open = Put the disc into a computer, open the file INDEX.HTM on it, and type the opening code. Nothing is installed, and no internet is needed. You can look at the images there, and save all files for a doctor or another hospital.
letter-disc-open-secure = The images on the disc are encrypted as DICOM Secure Media. They open with the opening code, in programs that read such discs: the hospital or practice that asked for it so has one. A web browser does not open them.
letter-disc-open-plain = Any DICOM viewer and any hospital opens the disc. There is no viewer on it: the file INDEX.HTM lists what is there.
letter-link-intro = You asked us for medical images. You can look at them and save them on this page:
letter-link-open = Open the page, then type your request's number, your birth date and your access code.
letter-code-in-person = We give you the code in person.
letter-code-by-phone = We tell you the code by telephone.
letter-code-by-letter = The code comes in a letter of its own.
letter-code-apart = The code never travels with the images, so that nobody else can open them.
letter-no-code = This disc is not encrypted, as you chose, and needs no code. Whoever has it can see your images and your name: keep it safe.
letter-closing = Your film library

## Slips with a code
slip-access-title = Your access code
slip-opening-title = Your opening code
slip-access-use = Open this page, or the link we sent you. Then type your request's number, your birth date and this code.
slip-opening-use = Open the file INDEX.HTM on the disc { $disc }, and type this code.
slip-secure-use = Type this code, as it stands here, in the program that opens the disc { $disc }.
slip-keep = Keep this slip apart from the link and the disc. Whoever has both can see your images.
slip-until = The code is good until { $date }.
slip-access-lost = Lost it? Call us: we make you a new one, and the old one stops working.
slip-opening-lost = Lost it? Call us: we tell you the code again. It stays the same, because the code of a disc cannot be changed. If somebody else may have both, call us too.

## The receipt that is signed at the counter
receipt-title = Receipt for medical images
receipt-number = Number { $number }
receipt-discs = Discs: { $discs }
receipt-received = I received these discs. My opening code comes by another way.
receipt-received-plain = I received these discs. They are not encrypted, as I chose, and need no code.
receipt-name = Name, in capital letters
receipt-document = Document shown (kind only, not its number)
receipt-signature = Signature
receipt-date = Date
receipt-interpreter = Interpreter, if there was one: name

## Labels of discs
label-medical-images = Medical images
label-open = To see them, open INDEX.HTM in a web browser.
label-open-secure = Encrypted: for programs that read DICOM Secure Media.
label-open-plain = For any DICOM viewer. Not encrypted.
label-with-code = You need your opening code.
label-count = { $studies ->
    [one] { $studies } study
   *[other] { $studies } studies
}, { $images ->
    [one] { $images } image
   *[other] { $images } images
}
