# Reviewed by the authors, whose language this is, 2026-11-26.

## The way in
entry-title = Medical images
entry-lead-link = This link opens medical images. To see them, type the patient's birth date and the access code.
entry-lead-request = To see the images, type the number of the request, the patient's birth date and the access code.
entry-reference = Number of the request
entry-reference-hint = It begins with FR. You find it in our letter.
entry-birth-date = Birth date of the patient
entry-birth-date-hint = For example 4 12 1968 for April 12, 1968
entry-month = Month
entry-day = Day
entry-year = Year
entry-code = Access code
entry-code-hint = Eight letters and digits. It is not in the e-mail with the link.
entry-button = Show the images
entry-no-code = I have no access code
entry-no-code-help = We give the code in person, by telephone or by letter, never in the same message as the link. If it did not reach you, call { $phone }.
entry-other-way = Enter with the number of a request instead
entry-again = You were away for a while, so we closed the pages for your safety. Type your details once more. If we sent you a link, you can open that again instead.
entry-wrong-date = Check the birth date: month, day, and a year of four digits.
entry-wrong-code = Check the access code: it has eight letters and digits.
entry-wrong-reference = Check the number of the request: FR and eight letters and digits.
entry-no-match = These details do not belong together. Check the birth date and the code, and try again. If it does not work, call { $phone }.
entry-wait = There were several wrong tries. You can try again in { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}. What you typed stays here. If you are not sure of the code, call { $phone }.
entry-locked = There were too many wrong tries, so these images are locked. Nothing is lost. Call { $phone } for a new code.
entry-unknown = We do not know this link. It may have been cut off in the e-mail, or replaced by a newer one. Open the newest e-mail from us, or call { $phone }.
entry-ended = This link is not open any more. If you still need the images, call { $phone }.

## The way out
left-title = You have left
left = The pages are closed on this device. Pictures and files you saved are still where you saved them.
left-again = Enter again

## Around the pages
visit-places = Your pages
place-images = Images
place-request = My request
place-visits = Who opened it
leave-button = Leave

## Studies
study-ct = CT scan
study-mr = MRI scan
study-us = Ultrasound
study-xray = X-ray
study-mg = Mammogram
study-nm = Nuclear medicine scan
study-pt = PET scan
study-xa = Moving X-ray
study-dental = Dental X-ray
study-other = Images
study-count = { $count ->
    [one] { $count } study
   *[other] { $count } studies
}

## All images
home-title = Your images
home-until = You can open these pages through { $date }.
home-picture-of = A picture of: { $name }
home-empty = There are no images here yet. Once they are ready, you find them on this page.
see-button = See
share-button = Give to my doctor
save-button = Save on a computer
ways-title = What is on its way
ways-none = Nothing was chosen yet. Call us to say how you want your images.
way-for = For { $name }
way-tracking = Tracking number:
way-link = Link to these pages
way-mail = Disc by mail
way-fedex = Disc by FedEx
way-desk = Disc at our desk
way-preparing = Being prepared
way-under-way = Under way
way-sent = On its way to you
way-done = Done
way-done-on = Done on { $date }
way-arrives = Comes by { $date }
way-sent-on = Left us on { $date }

## Seeing
see-back = Back to all images
see-position = Image { $number } of { $count }
see-alt = { $name }. { $position }
see-not-drawn = This image cannot be shown here. It is among the files you save, and a doctor's program can show it.
see-steps = Other images
see-previous = Previous image
see-next = Next image
see-go-to = Image
see-brightness = Brightness
see-contrast = Contrast
see-show = Show
see-darker = Darker
see-brighter = Brighter
see-as-it-was = As it was
see-save = Save this picture
see-keys = The arrow keys and the mouse wheel go through the images.
see-not-diagnosis = These pictures are for looking, not for diagnosis. For a doctor, give or save all files.
see-documents = Your browser shows the report or document here in a moment. If nothing comes: it is among the files you save.
see-series-title = Series
see-series = Series { $number }

## Saving
save-title = Save on a computer
save-lead = You get all images in their full quality in one file, as hospitals and doctors need them.
save-holds = What is in it
save-size = Size
save-kind = Kind of file
save-withheld = { $count ->
    [one] { $count } file is damaged and not in it.
   *[other] { $count } files are damaged and not in it.
} Call us if you need to know more.
save-now = Save ({ $size })
save-not-allowed = This link is for looking only. Ask whoever gave it to you, or call us.
save-how-title = How to use it
save-how-1 = Save the file on a computer, and open it there with a double click.
save-how-2 = The file README.TXT in it says what is where. MANIFEST.TXT lists every image, so that anyone can check that all came.
save-how-3 = For a doctor or another hospital, copy everything in it to a USB stick or disc, or use “Give to my doctor”.
save-care = Do not save it on a computer that others use: whoever finds the file can see your images.

## My request
request-received = We received it on
request-due = You hear from us by
request-submitted = We are looking at your request
request-needs-information = We need to know something from you: call us
request-identity-verified = We know who asks, and are looking for the images
request-approved = Approved: we are preparing your images
request-fulfilling = Approved: your images are on their way
request-fulfilled = Done: everything was delivered
request-denied = Not approved: our letter says why and what you can do
request-no-records = We found no images: our letter says where to ask
request-duplicate = The same as another request of yours
request-withdrawn = You took it back

## Who opened it
visits-lead = Here you see who used your link. If something surprises you, call us.
visits-own = Your own link
visits-people = People who entered with the code
visits-unknown = Someone who did not enter
visits-scanners = Programs that check links in e-mail. They see nothing of your images.
visits-none = Nobody yet.
visits-share = Given to { $name }
visits-share-until = Works through { $date }
visits-share-ended = Ended
visits-end = End this link
deed-opened = Opened the link, last on { $date } ({ $times }×)
deed-pressed = Sent an empty form, last on { $date } ({ $times }×)
deed-refused = Tried and was not let in, last on { $date } ({ $times }×)
deed-entered = Entered, last on { $date } ({ $times }×)
deed-viewed = Looked at images, last on { $date } ({ $times }×)
deed-downloaded = Saved the images, last on { $date } ({ $times }×)
deed-shared = Gave the images to someone, last on { $date } ({ $times }×)

## Giving to a doctor
share-title = Give to my doctor
share-lead = Your doctor gets a link and a code of their own, and can see and save your images. You can end this at any time.
share-name = Name of the doctor or practice
share-email = E-mail address
share-email-hint = Leave it empty to give the link by hand.
share-how-long = For how long
share-days = { $days } days
share-no-name = Say who gets your images.
share-wrong-email = Check the e-mail address, or leave it empty.
shared-title = Ready for your doctor
shared-until = { $name } can open your images through { $date }.
shared-link = The link
shared-mailed = We are sending it to { $email }.
shared-by-hand = Let your doctor scan this, or copy the address.
shared-code = The code
shared-code-apart = Tell your doctor this code by telephone or in person, with the patient's birth date. Do not send it together with the link. We show it only now.
