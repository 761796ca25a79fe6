# Reviewed by nobody yet; offered for information.

## Letters that go with a disc or a link
letter-dear = Mudane/Marwo { $name },
letter-reference = Codsigaaga: { $reference }
letter-disc-intro = Waxaad na weydiisatay sawirro caafimaad. Waxay ku jiraan diskiga la socda warqaddan.
letter-disc-open = Diskiga geli kombuyuutar, fur faylka INDEX.HTM ee ku jira, oo qor koodhka furitaanka. Waxba lama rakibo, internetna looma baahna. Halkaas ayaad sawirrada ku arki kartaa oo dhammaan faylasha ugu kaydin kartaa dhakhtar ama isbitaal kale.
letter-disc-open-secure = Sawirrada diskiga waxaa loo sireeyay sida DICOM Secure Media. Waxay ku furmaan koodhka furitaanka, barnaamijyada akhriya diskyada noocaas ah: isbitaalka ama rugta sidaas u codsatay ayaa leh mid. Biraawsar ma furo.
letter-disc-open-plain = Barnaamij kasta oo DICOM ah iyo isbitaal kasta ayaa diskiga fura. Diskiga kuma jiro barnaamij lagu arko: faylka INDEX.HTM ayaa sheegaya waxa ku jira.
letter-link-intro = Waxaad na weydiisatay sawirro caafimaad. Boggan ayaad ku arki kartaa oo ku kaydsan kartaa:
letter-link-open = Fur bogga, kadib qor lambarka codsigaaga, taariikhda dhalashadaada iyo koodhka gelitaanka.
letter-code-in-person = Koodhka gacanta ayaan kaaga dhiibaynaa.
letter-code-by-phone = Koodhka taleefoon ayaan kuugu sheegaynaa.
letter-code-by-letter = Koodhku wuxuu ku imanayaa warqad gooni ah.
letter-code-apart = Koodhku weligiis lama socdo sawirrada, si aan qof kale u furi karin.
letter-no-code = Diskigan ma sirsana, sidaad dooratay, koodhna uma baahna. Qofkii haysta wuu arki karaa sawirradaada iyo magacaaga: si fiican u kaydi.
letter-closing = Kaydka sawirradaada

## Slips with a code
slip-access-title = Koodhkaaga gelitaanka
slip-opening-title = Koodhkaaga furitaanka
slip-access-use = Fur boggan, ama linkiga aan kuu dirnay. Kadib qor lambarka codsigaaga, taariikhda dhalashadaada iyo koodhkan.
slip-opening-use = Fur faylka INDEX.HTM ee diskiga { $disc }, oo qor koodhkan.
slip-secure-use = Koodhkan, sida uu halkan ugu qoran yahay, ku qor barnaamijka fura diskiga { $disc }.
slip-keep = Warqaddan ka fogee linkiga iyo diskiga. Qofkii labadaba haysta wuu arki karaa sawirradaada.
slip-until = Koodhku wuxuu shaqaynayaa ilaa { $date }.
slip-access-lost = Ma lumisay? Na soo wac: mid cusub ayaan kuu samaynaynaa, kii hore wuu joogsanayaa.
slip-opening-lost = Ma lumisay? Na soo wac: koodhka mar kale ayaan kuu sheegaynaa. Isla kii hore ayuu ahaanayaa, sababtoo ah koodhka diskiga lama beddeli karo. Haddii qof kale labadaba haysan karo, sidoo kale na soo wac.

## The receipt that is signed at the counter
receipt-title = Rasiidka sawirrada caafimaadka
receipt-number = Lambarka { $number }
receipt-discs = Diskiyada: { $discs }
receipt-received = Waan helay diskiyadan. Koodhkayga furitaanka si kale ayuu ku imanayaa.
receipt-received-plain = Diskyadan waan helay. Ma sirsana, sidaan doortay, koodhna uma baahna.
receipt-name = Magaca, xarfo waaweyn
receipt-document = Dukumentiga la tusay (nooca kaliya, lambarka maya)
receipt-signature = Saxiixa
receipt-date = Taariikhda
receipt-interpreter = Turjubaanka, haddii uu jiray: magaca

## Labels of discs
label-medical-images = Sawirro caafimaad
label-open = Si aad u aragto, fur INDEX.HTM oo ku fur biraawsar.
label-open-secure = Waa sir: barnaamijyada akhriya DICOM Secure Media.
label-open-plain = Barnaamij kasta oo DICOM ah. Sir ma aha.
label-with-code = Waxaad u baahan tahay koodhka furitaanka.
label-count = Baaritaanno: { $studies }, sawirro: { $images }
