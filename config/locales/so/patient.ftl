# Reviewed by nobody yet; offered for information.

## The way in
entry-title = Sawirro caafimaad
entry-lead-link = Xiriirkan wuxuu furaa sawirro caafimaad. Si aad u aragto, qor taariikhda dhalashada bukaanka iyo koodhka gelitaanka.
entry-lead-request = Si aad sawirrada u aragto, qor lambarka codsiga, taariikhda dhalashada bukaanka iyo koodhka gelitaanka.
entry-reference = Lambarka codsiga
entry-reference-hint = Wuxuu ku bilaabmaa FR. Waxaad ka heli doontaa warqaddayada.
entry-birth-date = Taariikhda dhalashada bukaanka
entry-birth-date-hint = Tusaale 4 12 1968 waa Abriil 12, 1968
entry-month = Bisha
entry-day = Maalinta
entry-year = Sanadka
entry-code = Koodhka gelitaanka
entry-code-hint = Siddeed xaraf iyo tiro. Kuma jiro iimaylka xiriirka leh.
entry-button = I tus sawirrada
entry-no-code = Ma haysto koodhka gelitaanka
entry-no-code-help = Koodhka waxaan ku bixinnaa gacanta, telefoonka ama warqad, weligeed kuma dirno farriinta xiriirka. Haddii uusan ku soo gaarin, wac { $phone }.
entry-other-way = Ku gal lambarka codsiga
entry-again = In muddo ah waad maqnayd, markaa boggaga waan u xirnay badbaadadaada. Mar kale qor xogtaada. Haddii aan kuu dirnay xiriir, waad furi kartaa mar kale.
entry-wrong-date = Hubi taariikhda dhalashada: bil, maalin, iyo sanad afar tiro ah.
entry-wrong-code = Hubi koodhka gelitaanka: waa siddeed xaraf iyo tiro.
entry-wrong-reference = Hubi lambarka codsiga: FR iyo siddeed xaraf iyo tiro.
entry-no-match = Xogtani isma waafaqsana. Hubi taariikhda dhalashada iyo koodhka, mar kalena isku day. Haddii ay shaqayn waydo, wac { $phone }.
entry-wait = Waxaa dhacay dhowr isku day oo khaldan. Mar kale waxaad isku dayi kartaa { $minutes ->
    [one] { $minutes } daqiiqo
   *[other] { $minutes } daqiiqo
} kadib. Waxaad qortay halkan way ku jiraan. Haddii aadan hubin koodhka, wac { $phone }.
entry-locked = Isku dayo badan oo khaldan ayaa dhacay, markaa sawirradu way xiran yihiin. Waxba lama lumin. Wac { $phone } si aad koodh cusub u hesho.
entry-unknown = Xiriirkan ma naqaanno. Waxaa laga yaabaa inuu iimaylka ku go'ay ama mid cusub beddelay. Fur iimaylkayaga ugu dambeeyay ama wac { $phone }.
entry-ended = Xiriirkani ma furna mar dambe. Haddii aad weli sawirrada u baahan tahay, wac { $phone }.

## The way out
left-title = Waad ka baxday
left = Boggagu way ka xiran yihiin qalabkan. Waxaad kaydsatay weli waxay yaallaan meeshii aad ku kaydisay.
left-again = Mar kale gal

## Around the pages
visit-places = Boggaggaaga
place-images = Sawirro
place-request = Codsigayga
place-visits = Yaa furay
leave-button = Ka bax

## Studies
study-ct = Sawirka CT
study-mr = Sawirka MRI
study-us = Altarasoonka
study-xray = Raajada
study-mg = Raajada naasaha
study-nm = Sawirka daawada nukliyeerka
study-pt = Sawirka PET
study-xa = Raajo dhaqaaqaysa
study-dental = Raajada ilkaha
study-other = Sawirro
study-count = { $count ->
    [one] { $count } baaritaan
   *[other] { $count } baaritaan
}

## All images
home-title = Sawirradaada
home-until = Boggaggan waxaad furi kartaa ilaa { $date }.
home-picture-of = Sawir ka mid ah: { $name }
home-empty = Weli sawirro halkan ma yaallaan. Marka ay diyaar noqdaan, boggan ayaad ka heli doontaa.
see-button = Arag
share-button = Sii dhakhtarkayga
save-button = Ku kaydi kombuyuutar
ways-title = Waxa soo socda
ways-none = Weli waxba lama dooran. Na soo wac oo sheeg sida aad sawirradaada u rabto.
way-for = Loogu talagalay { $name }
way-tracking = Lambarka raadraaca:
way-link = Xiriirka boggaggan
way-mail = Saxan boosta lagu diro
way-fedex = Saxan FedEx lagu diro
way-desk = Saxan miiskayaga laga qaato
way-preparing = Waa la diyaarinayaa
way-under-way = Way socotaa
way-sent = Wuu kugu soo socdaa
way-done = Waa dhammaatay
way-done-on = Waxay dhammaatay { $date }
way-arrives = Wuxuu imanayaa ugu dambayn { $date }
way-sent-on = Wuxuu naga baxay { $date }

## Seeing
see-back = Ku noqo dhammaan sawirrada
see-position = Sawirka { $number } ee { $count }
see-alt = { $name }. { $position }
see-not-drawn = Sawirkan halkan laguma tusi karo. Wuxuu ku jiraa faylasha aad kaydsanayso, barnaamijka dhakhtarkuna wuu tusi karaa.
see-steps = Sawirro kale
see-previous = Sawirkii hore
see-next = Sawirka xiga
see-go-to = Sawirka
see-brightness = Iftiinka
see-contrast = Kala duwanaanta
see-show = Tus
see-darker = Ka madow
see-brighter = Ka iftiin badan
see-as-it-was = Sidii ahayd
see-save = Kaydi sawirkan
see-keys = Fallaaraha kiiboodhka iyo giraangirta jiirka ayaa sawirrada lagu dhex maraa.
see-not-diagnosis = Sawirradani waa in la eego, maaha in cudur lagu ogaado. Dhakhtarka sii ama u kaydi dhammaan faylasha.
see-documents = Biraawsarkaagu warbixinta ama dukumentiga halkan ayuu dhawaan ku tusi doonaa. Haddii waxba soo bixi waayaan: wuxuu ku jiraa faylasha aad kaydsanayso.
see-series-title = Taxanayaal
see-series = Taxanaha { $number }

## Saving
save-title = Ku kaydi kombuyuutar
save-lead = Waxaad helaysaa dhammaan sawirrada tayadooda buuxda oo hal fayl ah, sida isbitaallada iyo dhakhaatiirtu ugu baahan yihiin.
save-holds = Waxa ku jira
save-size = Cabbirka
save-kind = Nooca faylka
save-withheld = { $count ->
    [one] { $count } fayl wuu dhaawacan yahay kumana jiro.
   *[other] { $count } fayl way dhaawacan yihiin kumana jiraan.
} Na soo wac haddii aad rabto inaad wax badan ogaato.
save-now = Kaydi ({ $size })
save-not-allowed = Xiriirkan waa in la eego oo keliya. Weydii qofkii ku siiyay ama na soo wac.
save-how-title = Sida loo isticmaalo
save-how-1 = Faylka ku kaydi kombuyuutar oo halkaas laba jeer guji si aad u furto.
save-how-2 = Faylka README.TXT ayaa sheegaya waxa meel kasta yaalla. MANIFEST.TXT waxay taxaysaa sawir kasta, si loo hubiyo in dhammaan yimaadeen.
save-how-3 = Dhakhtar ama isbitaal kale, dhammaan ku nuqul USB ama saxan, ama isticmaal “Sii dhakhtarkayga”.
save-care = Ha ku kaydin kombuyuutar ay dad kale isticmaalaan: qofkii faylka helaa sawirradaada wuu arki karaa.

## My request
request-received = Waxaan helnay
request-due = Waxaad naga maqli doontaa ugu dambayn
request-submitted = Codsigaaga waan eegaynaa
request-needs-information = Wax baan kaaga baahannahay: na soo wac
request-identity-verified = Waan naqaannaa cidda codsatay, sawirradana waan raadinaynaa
request-approved = Waa la oggolaaday: sawirradaada waan diyaarinaynaa
request-fulfilling = Waa la oggolaaday: sawirradaadu way soo socdaan
request-fulfilled = Waa dhammaatay: wax walba waa la gaarsiiyay
request-denied = Lama oggolaan: warqaddayada ayaa sheegaysa sababta iyo waxa aad samayn karto
request-no-records = Sawirro ma helin: warqaddayada ayaa sheegaysa meesha aad weydiin karto
request-duplicate = Waa codsi kale oo aad hore u samaysay
request-withdrawn = Adiga ayaa dib ula noqday

## Who opened it
visits-lead = Halkan waxaad ku arkaysaa cidda xiriirkaaga isticmaashay. Haddii wax kula yaabiyaan, na soo wac.
visits-own = Xiriirkaaga
visits-people = Dadka koodhka ku galay
visits-unknown = Qof aan gelin
visits-scanners = Barnaamijyo iimaylka xiriirradiisa hubiya. Sawirradaada waxba kama arkaan.
visits-none = Weli cidna.
visits-share = La siiyay { $name }
visits-share-until = Wuxuu shaqeeyaa ilaa { $date }
visits-share-ended = Wuu dhammaaday
visits-end = Jooji xiriirkan
deed-opened = Xiriirka wuu furay, markii ugu dambaysay { $date } ({ $times }×)
deed-pressed = Foom madhan ayuu diray, markii ugu dambaysay { $date } ({ $times }×)
deed-refused = Wuu isku dayay lamana gelin, markii ugu dambaysay { $date } ({ $times }×)
deed-entered = Wuu galay, markii ugu dambaysay { $date } ({ $times }×)
deed-viewed = Sawirro ayuu eegay, markii ugu dambaysay { $date } ({ $times }×)
deed-downloaded = Sawirrada wuu kaydsaday, markii ugu dambaysay { $date } ({ $times }×)
deed-shared = Sawirrada qof ayuu siiyay, markii ugu dambaysay { $date } ({ $times }×)

## Giving to a doctor
share-title = Sii dhakhtarkayga
share-lead = Dhakhtarkaagu wuxuu helayaa xiriir iyo koodh u gaar ah, sawirradaadana wuu arki karaa wuuna kaydsan karaa. Waqti kasta waad joojin kartaa.
share-name = Magaca dhakhtarka ama rugta
share-email = Iimaylka
share-email-hint = Madhan uga tag si aad xiriirka gacanta ugu bixiso.
share-how-long = Muddo intee le'eg
share-days = { $days } maalmood
share-no-name = Sheeg cidda sawirradaada helaysa.
share-wrong-email = Hubi iimaylka ama madhan uga tag.
shared-title = Diyaar u ah dhakhtarkaaga
shared-until = { $name } sawirradaada wuu furi karaa ilaa { $date }.
shared-link = Xiriirka
shared-mailed = Waxaan u diraynaa { $email }.
shared-by-hand = Dhakhtarkaagu ha iskaan gareeyo tan, ama nuqul cinwaanka.
shared-code = Koodhka
shared-code-apart = Koodhkan dhakhtarkaaga ugu sheeg telefoon ama si toos ah, oo ay la socoto taariikhda dhalashada bukaanka. Ha la dirin xiriirka. Hadda oo keliya ayaan tusaynaa.
