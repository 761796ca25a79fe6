# Reviewed by nobody yet; offered for information.

## The mail that carries a link
mail-link-subject = Koj cov duab kho mob npaj tau lawm
mail-link-text =
    { $hospital } npaj tau koj cov duab lawm. Koj saib, khaws, thiab muab qhia rau kws kho mob tau ntawm no:

    { $url }

    Nplooj ntawv yuav nug koj hnub yug thiab tus lej nkag. Tus lej no yeej tsis nyob hauv email: nws tuaj lwm txoj kev, hauv ntawv lossis hauv xov tooj.

    Txoj link siv tau txog { $until }. Yog qhib tsis tau, lossis koj tsis tau thov, hu rau { $phone } ({ $hours }).
