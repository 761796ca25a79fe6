# Reviewed by nobody yet; offered for information.

## Letters that go with a disc or a link
letter-dear = Nyob zoo { $name },
letter-reference = Koj daim ntawv thov: { $reference }
letter-disc-intro = Koj tau thov peb cov duab kho mob. Lawv nyob hauv lub disc uas nrog tsab ntawv no tuaj.
letter-disc-open = Muab lub disc tso rau hauv lub computer, qhib cov ntaub ntawv INDEX.HTM hauv nws, thiab ntaus tus lej qhib. Tsis tas yuav teeb tsa dab tsi, thiab tsis tas siv internet. Koj saib tau cov duab nyob ntawd, thiab khaws tag nrho cov ntaub ntawv rau kws kho mob los yog lwm lub tsev kho mob.
letter-disc-open-secure = Cov duab hauv lub disc raug muab zais raws li DICOM Secure Media. Lawv qhib nrog tus lej qhib, hauv cov program uas nyeem tau cov disc zoo li no: lub tsev kho mob uas thov li ntawd muaj ib lub. Lub browser qhib tsis tau lawv.
letter-disc-open-plain = Txhua lub program saib DICOM thiab txhua lub tsev kho mob qhib tau lub disc. Tsis muaj program saib duab hauv lub disc: cov ntaub ntawv INDEX.HTM qhia tias muaj dab tsi.
letter-link-intro = Koj tau thov peb cov duab kho mob. Koj saib thiab khaws tau lawv ntawm nplooj no:
letter-link-open = Qhib nplooj, ces ntaus tus lej ntawm koj daim ntawv thov, koj hnub yug thiab koj tus lej nkag.
letter-code-in-person = Peb muab tus lej rau koj tim ntsej tim muag.
letter-code-by-phone = Peb qhia tus lej rau koj hauv xov tooj.
letter-code-by-letter = Tus lej tuaj hauv ib tsab ntawv cais.
letter-code-apart = Tus lej yeej tsis nrog cov duab mus, kom lwm tus qhib tsis tau.
letter-no-code = Lub disc no tsis raug muab zais, raws li koj xaiv, thiab tsis tas siv tus lej. Leej twg muaj nws yuav pom tau koj cov duab thiab koj lub npe: khaws kom zoo.
letter-closing = Koj lub chaw khaws duab kho mob

## Slips with a code
slip-access-title = Koj tus lej nkag
slip-opening-title = Koj tus lej qhib
slip-access-use = Qhib nplooj no, los yog qhov txuas uas peb xa rau koj. Ces ntaus tus lej ntawm koj daim ntawv thov, koj hnub yug thiab tus lej no.
slip-opening-use = Qhib cov ntaub ntawv INDEX.HTM hauv lub disc { $disc }, thiab ntaus tus lej no.
slip-secure-use = Ntaus tus lej no, raws li sau ntawm no, hauv lub program uas qhib lub disc { $disc }.
slip-keep = Khaws daim ntawv no kom nyob deb ntawm qhov txuas thiab lub disc. Tus uas muaj ob qho saib tau koj cov duab.
slip-until = Tus lej siv tau txog { $date }.
slip-access-lost = Ploj lawm? Hu rau peb: peb ua ib tug tshiab rau koj, thiab tus qub siv tsis tau lawm.
slip-opening-lost = Ploj lawm? Hu rau peb: peb qhia tus lej rau koj dua. Nws tseem yog tus qub, vim hais tias tus lej ntawm lub disc hloov tsis tau. Yog lwm tus tej zaum muaj ob qho, thov hu rau peb thiab.

## The receipt that is signed at the counter
receipt-title = Daim ntawv txais cov duab kho mob
receipt-number = Tus naj npawb { $number }
receipt-discs = Cov disc: { $discs }
receipt-received = Kuv tau txais cov disc no lawm. Kuv tus lej qhib tuaj lwm txoj kev.
receipt-received-plain = Kuv tau txais cov disc no. Lawv tsis raug muab zais, raws li kuv xaiv, thiab tsis tas siv tus lej.
receipt-name = Npe, sau ua ntawv loj
receipt-document = Daim ntawv pov thawj uas tau qhia (hom xwb, tsis yog tus lej)
receipt-signature = Kos npe
receipt-date = Hnub tim
receipt-interpreter = Tus neeg txhais lus, yog muaj: npe

## Labels of discs
label-medical-images = Cov duab kho mob
label-open = Xav saib, qhib INDEX.HTM hauv lub browser.
label-open-secure = Raug muab zais: rau cov program uas nyeem DICOM Secure Media.
label-open-plain = Rau txhua lub program saib DICOM. Tsis raug muab zais.
label-with-code = Koj yuav tsum muaj tus lej qhib.
label-count = { $studies } qhov kuaj, { $images } daim duab
