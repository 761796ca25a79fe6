# Reviewed by nobody yet; offered for information.

mail-link-ready-subject = Koj cov duab npaj tau lawm
mail-link-ready-before = Cov duab uas koj thov (daim thov { $reference }) npaj tau lawm. Xav saib thiab khaws, qhib nplooj no:
mail-link-ready-after =
    Koj yuav tsum muaj koj tus lej nkag thiab tus neeg mob hnub yug. Tus lej tsis nyob hauv tsab ntawv no: nws tuaj rau koj lwm txoj kev. Tsis txhob xa nws nrog qhov txuas no.

    Qhov txuas siv tau txog { $until }. Yog koj tsis tau thov duab, tsis txhob qhib, hu rau peb.
mail-link-shared-subject = Muaj neeg qhia duab rau koj
mail-link-shared-before = Muaj neeg qhia cov duab kho mob rau koj. Xav saib, qhib nplooj no:
mail-link-shared-after =
    Koj yuav tsum muaj tus lej nkag thiab tus neeg mob hnub yug. Tus neeg qhia cov duab yuav qhia tus lej rau koj; nws tsis nyob hauv tsab ntawv no.

    Qhov txuas siv tau txog { $until }. Yog koj tsis tos duab, rho tsab ntawv no tawm.
mail-link-used-subject = Qhov txuas koj qhia tau siv lawm
mail-link-used-before = Thaum { $date } muaj neeg nkag los ntawm qhov txuas koj xa mus (daim thov { $reference }).
mail-link-used-after = Hauv nplooj ntawm koj qhov txuas koj saib tau leej twg qhib dab tsi, thiab xaus qhov txuas ntawd tau txhua lub sijhawm. Yog koj ceeb, xaus nws thiab hu rau peb.
mail-request-made-subject = Muaj ib daim ntawv thov duab
mail-request-made-before = Thaum { $date } peb tau txais ib daim ntawv thov duab (daim thov { $reference }). Peb qhia koj vim peb twb muaj koj qhov chaw nyob ua ntej.
mail-request-made-after = Yog koj yog tus thov, koj tsis tas ua dab tsi. Yog koj tsis paub txog, hu rau peb tam sim: tsis muaj dab tsi tawm mus ua ntej peb kuaj seb leej twg thov.
