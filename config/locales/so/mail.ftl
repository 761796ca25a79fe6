# Reviewed by nobody yet; offered for information.

mail-link-ready-subject = Sawirradaadii waa diyaar
mail-link-ready-before = Sawirrada aad codsatay (codsiga { $reference }) waa diyaar. Si aad u aragto oo aad u kaydsato, fur boggan:
mail-link-ready-after =
    Waxaad u baahan tahay koodhkaaga gelitaanka iyo taariikhda dhalashada bukaanka. Koodhku kuma jiro fariintan: si kale ayuu kuugu soo gaarayaa. Weligaa ha la dirin xiriirkan.

    Xiriirku wuxuu shaqaynayaa ilaa { $until }. Haddii aanad sawirro codsan, ha furin, na soo wac.
mail-link-shared-subject = Sawirro ayaa lagula wadaagay
mail-link-shared-before = Qof ayaa kula wadaagaya sawirro caafimaad. Si aad u aragto, fur boggan:
mail-link-shared-after =
    Waxaad u baahan tahay koodhka gelitaanka iyo taariikhda dhalashada bukaanka. Qofka sawirrada wadaagaya ayaa koodhka kuu sheegaya; kuma jiro fariintan.

    Xiriirku wuxuu shaqaynayaa ilaa { $until }. Haddii aanad sawirro sugayn, tirtir fariintan.
mail-link-used-subject = Xiriir aad wadaagtay ayaa la isticmaalay
mail-link-used-before = { $date } qof ayaa ku galay xiriir aad gudbisay (codsiga { $reference }).
mail-link-used-after = Bogga xiriirkaaga ayaad ku arki kartaa cidda furtay iyo waxa ay furtay, waqti kastana waad joojin kartaa xiriirkaas. Haddii ay kula yaab tahay, jooji oo na soo wac.
mail-request-made-subject = Codsi sawirro ayaa la sameeyay
mail-request-made-before = { $date } waxaan helnay codsi sawirro (codsiga { $reference }). Waxaan kuugu sheegaynaa ciwaankaagu hore ayuu noo diiwaan gashanaa.
mail-request-made-after = Haddii aad adigu samaysay codsigan, waxba looma baahna. Haddii aanad waxba ka ogayn, isla markiiba na soo wac: waxba ma baxaan ka hor inta aanan hubin cidda codsanaysa.
