# Reviewed by nobody yet; offered for information.
catalog-reviewed-by = nobody

## Around every page
skip-to-content = U bood waxa ku jira bogga
film-library = Kaydka sawirrada
language-choice = Luqadda
help-line = Su'aalo ma qabtaa? Wac { $phone }. { $hours }.
translation-unreviewed = Turjumaan xirfadle ah ma hubin tarjumaddan. Haddii aad shakido, qoraalka Ingiriisiga ayaa sax ah. Turjubaanku waa bilaash: na soo wac.
back-to-start = Ku noqo bilowga

## Dates and counts
month-1 = Janaayo
month-2 = Febraayo
month-3 = Maarso
month-4 = Abriil
month-5 = Maajo
month-6 = Juun
month-7 = Luulyo
month-8 = Ogosto
month-9 = Sebtembar
month-10 = Oktoobar
month-11 = Nofembar
month-12 = Disembar
weekday-1 = Isniin
weekday-2 = Talaado
weekday-3 = Arbaco
weekday-4 = Khamiis
weekday-5 = Jimce
weekday-6 = Sabti
weekday-7 = Axad
date = { $day } { $month } { $year }
weekday-and-date = { $weekday }, { $day } { $month }
document-count = { $count ->
    [one] { $count } warbixin ama dukumenti
   *[other] { $count } warbixin ama dukumenti
}
image-count = { $count ->
    [one] { $count } sawir
   *[other] { $count } sawir
}

## When something goes wrong
error-not-found-title = Halkan bog ma yaal
error-not-found = Cinwaanka ayaa laga yaabaa inuu go'ay ama si khaldan loo qoray, ama boggu ma sii jiro. Waxba ma lumin: dib uga bilow linkiga ama warqadda laguu soo diray.
error-not-permitted-title = Boggan kuuma furna
error-not-permitted = Waxa aad codsatay wuxuu u baahan yahay oggolaansho kale, ama waxaa laga soo diray bog kale. Dib u noqo oo isku day boggeena.
error-stale-form-title = Fadlan mar kale dir
error-stale-form = Foomka waxaa la furay ka hor inta aadan gelin, ama daaqad kale. Dib u noqo, bogga dib u fur, oo mar kale dir.
error-changed-title = Qof kale ayaa kaa horreeyay
error-changed = Tani way is beddeshay tan iyo markii aad bogga furtay, waxba kama qabsoomin wixii aad dirtay. Dib u noqo, bogga dib u fur, oo mar kale eeg.
error-too-large-title = Taasi aad bay u dheer tahay
error-too-large = Waxa la soo diray way ka dheer yihiin inta aan aqbalno. Dib u noqo oo soo gaabi.
error-too-often-title = Fadlan wax yar sug
error-too-often = Isku dayo badan ayaa dhacay waqti gaaban. Sug dhowr daqiiqo, kadibna mar kale isku day.
error-unreadable-title = Ma akhrin karin taas
error-unreadable = Wax ka mid ah wixii la soo diray lama fahmin. Dib u noqo, hubi meelaha, oo mar kale isku day.
error-busy-title = Waan mashquulsannahay
error-busy = Adeeggu wakhtigii ma jawaabin. Sug daqiiqad, kadibna mar kale isku day. Waxaad dirtay way soo gaari kartay: eeg intaadan laba jeer dirin.
error-broken-title = Wax baa dhinacayaga ka khaldamay
error-broken = Adigu khalad kuma lihid, waana qornay. Dhowr daqiiqo kadib isku day; haddii ay mar kale dhacdo, na soo wac.
error-reference = Noo sheeg lambarkan: { $reference }

## Signing in
sign-in-title = Gal
sign-in-lead = Shaqaalaha kaydka sawirrada.
sign-in-name = Magaca isticmaalaha
sign-in-password = Erayga sirta ah
sign-in-button = Gal
sign-in-refused = Magaca isticmaalaha ama erayga sirta ahi ma saxna. Labadaba hubi oo mar kale isku day.
sign-in-wait = Isku dayo khaldan oo badan ayaa dhacay. Sug dhowr daqiiqo, kadibna mar kale isku day.

## Why a parcel is there when it is
promise-leaves-same-day = Waxay baxaysaa { $on }.
promise-after-cut-off = Dalabku wuxuu dhammaystirmay { $cut_off } kadib, maalintaas way ka dib dhacday.
promise-weekend = Dhammaadka toddobaadka ee { $on } lama tiriyo.
promise-site-closed = Waan xiran nahay { $on } ({ $holiday }).
promise-carrier-closed = Shirkadda rarka ma shaqayso { $on } ({ $holiday }).
promise-carrier-says = { $service } waxay imanaysaa { $on }.
promise-none-is-faster = Adeeg cinwaankaas gaara { $on } ka hor ma jiro.
promise-if-complete-now = Haddii wax walba diyaar yihiin oo hadda la bixiyo, wuxuu imanayaa ugu dambayn { $date }.
promise-why = Sababta maalintaas
promise-never = FedEx cinwaankaas ma geyso. Na soo wac: si wadajir ah ayaan hab kale u dooranaynaa.
promise-unknown = Hadda ma sheegi karno goorta uu imanayo. Mar dambe eeg ama na soo wac.

## The fee
fee-title = Kharashka: { $amount }
fee-made-of = Waxa kharashku ka kooban yahay
fee-together = Wadar ahaan
fee-told = Weli waxba lama rabo. Kharashka waxaa la bixiyaa marka codsigaaga la oggolaado oo sawirradu diyaar yihiin.
fee-due = Fadlan ku bixi miiskayaga. Ka hor waxba lama diro.
fee-paid-on = Waxaa la bixiyay { $date }, rasiidhka { $receipt }.
fee-waived = Kharashka waa laguu dhaafay: waxba ma bixinaysid.
fee-void = Wax dambe lama rabo.
fee-refunding = Waa laguu soo celinayaa.
fee-refunded = Waa laguu soo celiyay.
fee-free-ways = Xiriirka, saxanka boosta iyo saxanka miiskayaga waa bilaash.
fee-quote = Waxa ay ku kacdo gaarsiinta FedEx
fee-receipt = Rasiidhka gaarsiinta FedEx
