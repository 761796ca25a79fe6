# Reviewed by nobody yet; offered for information.

## The way in
entry-title = Cov duab kho mob
entry-lead-link = Qhov txuas no qhib cov duab kho mob. Yog xav saib, ntaus tus neeg mob hnub yug thiab tus code nkag.
entry-lead-request = Yog xav saib cov duab, ntaus tus lej thov, tus neeg mob hnub yug thiab tus code nkag.
entry-reference = Tus lej thov
entry-reference-hint = Nws pib nrog FR. Koj nrhiav tau hauv peb tsab ntawv.
entry-birth-date = Tus neeg mob hnub yug
entry-birth-date-hint = Piv txwv 4 12 1968 yog lub Plaub Hlis 12, 1968
entry-month = Hli
entry-day = Hnub
entry-year = Xyoo
entry-code = Tus code nkag
entry-code-hint = Yim tus tsiaj ntawv thiab lej. Nws tsis nyob hauv tsab email uas muaj qhov txuas.
entry-button = Qhia cov duab
entry-no-code = Kuv tsis muaj tus code nkag
entry-no-code-help = Peb muab tus code tim ntsej tim muag, hauv xov tooj lossis hauv ntawv, tsis xa nrog qhov txuas li. Yog nws tsis tuaj txog, hu { $phone }.
entry-other-way = Nkag nrog tus lej thov
entry-again = Koj tsis nyob ib ntus, ces peb kaw cov nplooj kom koj muaj kev nyab xeeb. Ntaus koj cov ntaub ntawv dua. Yog peb tau xa qhov txuas rau koj, koj qhib tau dua.
entry-wrong-date = Xyuas hnub yug: hli, hnub, thiab xyoo muaj plaub tus lej.
entry-wrong-code = Xyuas tus code nkag: nws muaj yim tus tsiaj ntawv thiab lej.
entry-wrong-reference = Xyuas tus lej thov: FR thiab yim tus tsiaj ntawv thiab lej.
entry-no-match = Cov no tsis sib phim. Xyuas hnub yug thiab tus code, thiab sim dua. Yog tsis tau, hu { $phone }.
entry-wait = Tau sim yuam kev ob peb zaug. Koj sim tau dua hauv { $minutes ->
   *[other] { $minutes } feeb
}. Yam koj ntaus tseem nyob ntawm no. Yog koj tsis paub tseeb tus code, hu { $phone }.
entry-locked = Tau sim yuam kev ntau zaug, ces cov duab raug xauv. Tsis muaj dab tsi ploj. Hu { $phone } kom tau tus code tshiab.
entry-unknown = Peb tsis paub qhov txuas no. Tej zaum nws raug txiav hauv email lossis muaj ib qho tshiab hloov. Qhib peb tsab email tshiab tshaj lossis hu { $phone }.
entry-ended = Qhov txuas no tsis qhib lawm. Yog koj tseem xav tau cov duab, hu { $phone }.

## The way out
left-title = Koj tau tawm lawm
left = Cov nplooj raug kaw ntawm lub cuab yeej no. Yam koj khaws cia tseem nyob qhov koj khaws.
left-again = Nkag dua

## Around the pages
visit-places = Koj cov nplooj
place-images = Cov duab
place-request = Kuv qhov kev thov
place-visits = Leej twg qhib
leave-button = Tawm

## Studies
study-ct = Duab CT
study-mr = Duab MRI
study-us = Duab ultrasound
study-xray = Duab x-ray
study-mg = Duab x-ray lub mis
study-nm = Duab tshuaj nuclear
study-pt = Duab PET
study-xa = Duab x-ray txav tau
study-dental = Duab x-ray hniav
study-other = Cov duab
study-count = { $count ->
   *[other] { $count } qhov kuaj
}

## All images
home-title = Koj cov duab
home-until = Koj qhib tau cov nplooj no txog { $date }.
home-picture-of = Ib daim duab ntawm: { $name }
home-empty = Tsis tau muaj duab ntawm no. Thaum npaj txhij, koj pom ntawm nplooj no.
see-button = Saib
share-button = Muab rau kuv tus kws kho mob
save-button = Khaws rau hauv computer
ways-title = Yam tab tom tuaj
ways-none = Tsis tau xaiv dab tsi. Hu peb qhia seb koj xav tau koj cov duab li cas.
way-for = Rau { $name }
way-tracking = Tus lej taug qab:
way-link = Qhov txuas rau cov nplooj no
way-mail = Daim disc xa hauv mail
way-fedex = Daim disc xa hauv FedEx
way-desk = Daim disc ntawm peb lub rooj
way-preparing = Tab tom npaj
way-under-way = Tab tom ua
way-sent = Tab tom tuaj rau koj
way-done = Tiav lawm
way-done-on = Tiav hnub { $date }
way-arrives = Tuaj txog tsis pub dhau { $date }
way-sent-on = Tawm ntawm peb hnub { $date }

## Seeing
see-back = Rov qab rau tag nrho cov duab
see-position = Daim { $number } ntawm { $count }
see-alt = { $name }. { $position }
see-not-drawn = Daim duab no qhia tsis tau ntawm no. Nws nyob hauv cov ntaub ntawv koj khaws, thiab kws kho mob lub program qhia tau.
see-steps = Lwm cov duab
see-previous = Daim ua ntej
see-next = Daim tom ntej
see-go-to = Daim duab
see-brightness = Kev kaj
see-contrast = Kev sib txawv
see-show = Qhia
see-darker = Tsaus dua
see-brighter = Kaj dua
see-as-it-was = Li qub
see-save = Khaws daim duab no
see-keys = Cov xub ntawm keyboard thiab lub log nas hla cov duab.
see-not-diagnosis = Cov duab no yog saib xwb, tsis yog kuaj mob. Rau kws kho mob, muab lossis khaws tag nrho cov ntaub ntawv.
see-documents = Koj lub browser yuav qhia tsab ntawv ntawm no tsis ntev. Yog tsis pom dab tsi: nws nyob hauv cov ntaub ntawv koj khaws.
see-series-title = Cov pawg duab
see-series = Pawg { $number }

## Saving
save-title = Khaws rau hauv computer
save-lead = Koj tau tag nrho cov duab zoo tag nrho hauv ib daim ntawv, li tsev kho mob thiab kws kho mob xav tau.
save-holds = Muaj dab tsi hauv
save-size = Loj npaum li cas
save-kind = Hom ntaub ntawv
save-withheld = { $count ->
   *[other] { $count } daim ntaub ntawv puas lawm thiab tsis nyob hauv.
} Hu peb yog koj xav paub ntxiv.
save-now = Khaws ({ $size })
save-not-allowed = Qhov txuas no yog saib xwb. Nug tus muab rau koj, lossis hu peb.
save-how-title = Siv li cas
save-how-1 = Khaws daim ntaub ntawv rau hauv computer, thiab nyem ob zaug qhib.
save-how-2 = README.TXT qhia tias muaj dab tsi nyob qhov twg. MANIFEST.TXT teev txhua daim duab, kom xyuas tau tias tuaj tag nrho.
save-how-3 = Rau kws kho mob lossis lwm lub tsev kho mob, luam tag nrho rau USB lossis disc, lossis siv “Muab rau kuv tus kws kho mob”.
save-care = Tsis txhob khaws rau computer uas lwm tus siv: leej twg pom daim ntaub ntawv ces saib tau koj cov duab.

## My request
request-received = Peb tau txais hnub
request-due = Koj hnov los ntawm peb tsis pub dhau
request-submitted = Peb tab tom saib koj qhov kev thov
request-needs-information = Peb xav paub ib yam ntawm koj: hu peb
request-identity-verified = Peb paub leej twg thov, thiab tab tom nrhiav cov duab
request-approved = Pom zoo: peb tab tom npaj koj cov duab
request-fulfilling = Pom zoo: koj cov duab tab tom tuaj
request-fulfilled = Tiav lawm: xa tag nrho lawm
request-denied = Tsis pom zoo: peb tsab ntawv qhia vim li cas thiab koj ua tau dab tsi
request-no-records = Peb nrhiav tsis tau duab: peb tsab ntawv qhia nug qhov twg
request-duplicate = Ib yam li koj lwm qhov kev thov
request-withdrawn = Koj tau rho rov qab

## Who opened it
visits-lead = Ntawm no koj pom leej twg siv koj qhov txuas. Yog muaj dab tsi ua rau koj xav tsis thoob, hu peb.
visits-own = Koj qhov txuas
visits-people = Cov neeg nkag nrog tus code
visits-unknown = Ib tug tsis tau nkag
visits-scanners = Cov program kuaj qhov txuas hauv email. Lawv tsis pom koj cov duab.
visits-none = Tsis tau muaj leej twg.
visits-share = Muab rau { $name }
visits-share-until = Siv tau txog { $date }
visits-share-ended = Xaus lawm
visits-end = Xaus qhov txuas no
deed-opened = Qhib qhov txuas, zaum kawg { $date } ({ $times }×)
deed-pressed = Xa daim foos khoob, zaum kawg { $date } ({ $times }×)
deed-refused = Sim thiab nkag tsis tau, zaum kawg { $date } ({ $times }×)
deed-entered = Nkag, zaum kawg { $date } ({ $times }×)
deed-viewed = Saib cov duab, zaum kawg { $date } ({ $times }×)
deed-downloaded = Khaws cov duab, zaum kawg { $date } ({ $times }×)
deed-shared = Muab cov duab rau lwm tus, zaum kawg { $date } ({ $times }×)

## Giving to a doctor
share-title = Muab rau kuv tus kws kho mob
share-lead = Koj tus kws kho mob tau qhov txuas thiab tus code ntawm nws, thiab saib thiab khaws tau koj cov duab. Koj xaus tau txhua lub sijhawm.
share-name = Kws kho mob lossis chaw kho mob lub npe
share-email = Email
share-email-hint = Tso khoob yog koj muab qhov txuas tim tes.
share-how-long = Ntev npaum li cas
share-days = { $days } hnub
share-no-name = Qhia leej twg tau koj cov duab.
share-wrong-email = Xyuas tus email, lossis tso khoob.
shared-title = Npaj txhij rau koj tus kws kho mob
shared-until = { $name } qhib tau koj cov duab txog { $date }.
shared-link = Qhov txuas
shared-mailed = Peb xa rau { $email }.
shared-by-hand = Cia koj tus kws kho mob scan qhov no, lossis luam qhov chaw nyob.
shared-code = Tus code
shared-code-apart = Qhia tus code no rau koj tus kws kho mob hauv xov tooj lossis tim ntsej tim muag, nrog tus neeg mob hnub yug. Tsis txhob xa nrog qhov txuas. Peb qhia tam sim no xwb.
