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
document-count = { $count ->
    [one] { $count } report or document
   *[other] { $count } reports or documents
}
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

## Why a parcel is there when it is
promise-leaves-same-day = It leaves on { $on }.
promise-after-cut-off = The order was complete after { $cut_off }, too late for that day.
promise-weekend = The weekend of { $on } does not count.
promise-site-closed = We are closed on { $on } ({ $holiday }).
promise-carrier-closed = The carrier moves nothing on { $on } ({ $holiday }).
promise-carrier-says = { $service } is there on { $on }.
promise-none-is-faster = No service to that address is there before { $on }.
promise-if-complete-now = If everything is ready and paid now, it comes by { $date }.
promise-why = Why that day
promise-never = FedEx does not deliver to that address. Call us: together we choose another way.
promise-unknown = We cannot say now by when it comes. Look again later, or call us.

## The fee
fee-title = Fee: { $amount }
fee-made-of = What the fee is made of
fee-together = Together
fee-told = Nothing is due yet. The fee is due once your request is approved and the images are on hand.
fee-due = Please pay it at our desk. Nothing is sent before.
fee-paid-on = Paid on { $date }, receipt { $receipt }.
fee-waived = The fee was let off: you pay nothing.
fee-void = Nothing is due any more.
fee-refunding = You get it back.
fee-refunded = It was given back to you.
fee-free-ways = A link, a disc by mail and a disc at our desk are free.
fee-quote = What delivery by FedEx costs
fee-receipt = Receipt for delivery by FedEx
