# Reviewed by the authors, whose language this is, 2026-11-25.
catalog-reviewed-by = the authors

## Around every page
skip-to-content = Skip to the page's content
film-library = Film library
language-choice = Language
help-line = Questions? Call { $phone }. { $hours }.
translation-unreviewed = This translation has not been checked by a professional translator. If in doubt, the English words count. An interpreter is free: call us.
back-to-start = Back to the start

## Dates and counts
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
weekday-1 = Monday
weekday-2 = Tuesday
weekday-3 = Wednesday
weekday-4 = Thursday
weekday-5 = Friday
weekday-6 = Saturday
weekday-7 = Sunday
date = { $month } { $day }, { $year }
weekday-and-date = { $weekday }, { $month } { $day }
image-count = { $count ->
    [one] { $count } image
   *[other] { $count } images
}

## When something goes wrong
error-not-found-title = There is no page here
error-not-found = The address may have been cut off or mistyped, or the page is no longer there. Nothing is lost: start again from the link or letter you were given.
error-not-permitted-title = This page is not open to you
error-not-permitted = What you asked for needs other rights, or was sent from another site. Go back and try again from our own page.
error-stale-form-title = Please send this again
error-stale-form = The form was opened before you signed in, or in another window. Go back, reload the page, and send it once more.
error-changed-title = Someone was faster
error-changed = This has changed since you opened the page, and nothing of yours was done. Go back, reload the page, and look again.
error-too-large-title = That is too long
error-too-large = What was sent is longer than we take. Go back and shorten it.
error-too-often-title = Please wait a moment
error-too-often = There were too many tries in a short time. Wait a few minutes, then try again.
error-unreadable-title = We could not read that
error-unreadable = Something in what was sent could not be understood. Go back, check the fields, and try again.
error-busy-title = We are busy
error-busy = The service did not answer in time. Wait a minute, then try again. What you sent may have arrived: look before you send it twice.
error-broken-title = Something went wrong on our side
error-broken = It is not your fault, and we have a note of it. Try again in a few minutes; if it happens again, call us.
error-reference = Tell us this number: { $reference }

## Signing in
sign-in-title = Sign in
sign-in-lead = For the staff of the film library.
sign-in-name = User name
sign-in-password = Password
sign-in-button = Sign in
sign-in-refused = The user name or the password is not right. Check both and try again.
sign-in-wait = There were too many wrong tries. Wait a few minutes, then try again.
