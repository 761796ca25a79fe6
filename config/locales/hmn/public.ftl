# Reviewed by nobody yet; offered for information.
catalog-reviewed-by = nobody

## Around every page
skip-to-content = Mus rau cov ntsiab lus ntawm nplooj no
film-library = Chaw khaws duab kho mob
language-choice = Lus
help-line = Muaj lus nug? Hu rau { $phone }. { $hours }.
translation-unreviewed = Tsis tau muaj kws txhais lus tshuaj xyuas cov lus txhais no. Yog tsis paub tseeb, cov lus Askiv yog cov siv tau. Muaj neeg txhais lus pub dawb: hu rau peb.
back-to-start = Rov qab mus rau thaum pib

## Dates and counts
month-1 = Lub Ib Hlis
month-2 = Lub Ob Hlis
month-3 = Lub Peb Hlis
month-4 = Lub Plaub Hlis
month-5 = Lub Tsib Hlis
month-6 = Lub Rau Hli
month-7 = Lub Xya Hli
month-8 = Lub Yim Hli
month-9 = Lub Cuaj Hli
month-10 = Lub Kaum Hli
month-11 = Lub Kaum Ib Hlis
month-12 = Lub Kaum Ob Hlis
weekday-1 = Hnub Monday
weekday-2 = Hnub Tuesday
weekday-3 = Hnub Wednesday
weekday-4 = Hnub Thursday
weekday-5 = Hnub Friday
weekday-6 = Hnub Saturday
weekday-7 = Hnub Sunday
date = { $day } { $month } { $year }
weekday-and-date = { $weekday }, { $day } { $month }
document-count = { $count ->
   *[other] { $count } daim ntawv qhia
}
image-count = { $count ->
   *[other] { $count } daim duab
}

## When something goes wrong
error-not-found-title = Tsis muaj nplooj ntawv ntawm no
error-not-found = Tej zaum qhov chaw nyob raug txiav los yog ntaus yuam kev, los yog nplooj ntawv tsis muaj lawm. Tsis muaj dab tsi ploj: pib dua ntawm qhov txuas los yog tsab ntawv uas koj tau txais.
error-not-permitted-title = Nplooj no tsis qhib rau koj
error-not-permitted = Yam koj thov yuav tsum muaj lwm txoj cai, los yog xa los ntawm lwm lub vas sab. Rov qab thiab sim dua ntawm peb nplooj.
error-stale-form-title = Thov xa dua
error-stale-form = Daim foos tau qhib ua ntej koj nkag mus, los yog hauv lwm lub qhov rai. Rov qab, thauj nplooj dua, thiab xa ib zaug ntxiv.
error-changed-title = Lwm tus ua ntej lawm
error-changed = Qhov no tau hloov txij thaum koj qhib nplooj, thiab tsis tau ua dab tsi ntawm koj li. Rov qab, thauj nplooj dua, thiab saib dua.
error-too-large-title = Ntev dhau lawm
error-too-large = Yam xa tuaj ntev dua qhov peb txais. Rov qab thiab ua kom luv.
error-too-often-title = Thov tos ib pliag
error-too-often = Sim ntau zaus dhau hauv lub sijhawm luv. Tos ob peb feeb, ces sim dua.
error-unreadable-title = Peb nyeem tsis tau
error-unreadable = Muaj ib yam xa tuaj uas nkag siab tsis tau. Rov qab, tshuaj xyuas cov chaw sau, thiab sim dua.
error-busy-title = Peb tsis khoom
error-busy = Qhov kev pabcuam tsis teb raws sijhawm. Tos ib feeb, ces sim dua. Tej zaum yam koj xa twb tuaj txog lawm: saib ua ntej koj xa ob zaug.
error-broken-title = Muaj teeb meem ntawm peb sab
error-broken = Tsis yog koj qhov txhaum, thiab peb tau sau cia lawm. Sim dua hauv ob peb feeb; yog tshwm sim dua, hu rau peb.
error-reference = Qhia tus lej no rau peb: { $reference }

## Signing in
sign-in-title = Nkag mus
sign-in-lead = Rau cov neeg ua haujlwm ntawm chaw khaws duab kho mob.
sign-in-name = Npe siv
sign-in-password = Lo lus zais
sign-in-button = Nkag mus
sign-in-refused = Lub npe los yog lo lus zais tsis yog. Tshuaj xyuas ob qho thiab sim dua.
sign-in-wait = Sim yuam kev ntau zaus dhau. Tos ob peb feeb, ces sim dua.

## Why a parcel is there when it is
promise-leaves-same-day = Nws tawm rau { $on }.
promise-after-cut-off = Qhov kev thov tiav tom qab { $cut_off }, lig dhau rau hnub ntawd.
promise-weekend = Hnub so { $on } tsis suav.
promise-site-closed = Peb kaw rau { $on } ({ $holiday }).
promise-carrier-closed = Lub tuam txhab xa khoom tsis ua haujlwm rau { $on } ({ $holiday }).
promise-carrier-says = { $service } tuaj txog rau { $on }.
promise-none-is-faster = Tsis muaj kev xa tuaj txog qhov chaw ntawd ua ntej { $on }.
promise-if-complete-now = Yog txhua yam npaj txhij thiab them tam sim no, nws tuaj txog tsis pub dhau { $date }.
promise-why = Vim li cas hnub ntawd
promise-never = FedEx tsis xa mus rau qhov chaw ntawd. Hu rau peb: peb xaiv lwm txoj kev ua ke.
promise-unknown = Tam sim no peb tsis paub tias nws tuaj txog thaum twg. Saib dua tom qab, lossis hu rau peb.

## The fee
fee-title = Tus nqi: { $amount }
fee-made-of = Tus nqi muaj dab tsi
fee-together = Tag nrho
fee-told = Tsis tau muaj dab tsi yuav them. Them tus nqi thaum koj daim ntawv thov tau kev pom zoo thiab muaj cov duab.
fee-due = Thov them ntawm peb lub rooj. Ua ntej ntawd tsis xa dab tsi.
fee-paid-on = Them hnub { $date }, daim ntawv txais { $receipt }.
fee-waived = Zam tus nqi lawm: koj tsis them dab tsi.
fee-void = Tsis muaj dab tsi yuav them lawm.
fee-refunding = Koj yuav tau rov qab.
fee-refunded = Muab rov qab rau koj lawm.
fee-free-ways = Qhov txuas, daim disc xa hauv mail thiab daim disc ntawm peb lub rooj yog pub dawb.
fee-quote = Kev xa hauv FedEx raug nqi npaum li cas
fee-receipt = Daim ntawv txais rau kev xa hauv FedEx
