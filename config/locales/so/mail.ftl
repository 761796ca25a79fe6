# Reviewed by nobody yet; offered for information.

## The mail that carries a link
mail-link-subject = Sawirradaada caafimaadka waa diyaar
mail-link-text =
    { $hospital } waxay diyaarisay sawirradaada. Halkan waad ku eegi kartaa, ku kaydsan kartaa, oo dhakhtar la wadaagi kartaa:

    { $url }

    Boggu wuxuu ku weydiin doonaa taariikhda dhalashadaada iyo koodhka gelitaanka. Koodhka marna iimayl kuma jiro: si kale ayuu kuu soo gaadhayaa, warqad ama telefoon.

    Xidhiidhku wuxuu shaqeynayaa ilaa { $until }. Haddii uusan furmin, ama aadan codsan, wac { $phone } ({ $hours }).
