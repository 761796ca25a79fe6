# Reviewed by nobody yet; offered for information.

mail-link-ready-subject = Sus imágenes están listas
mail-link-ready-before = Las imágenes que pidió (solicitud { $reference }) están listas. Para verlas y guardarlas, abra esta página:
mail-link-ready-after =
    Necesita su código de acceso y la fecha de nacimiento del paciente. El código no está en este mensaje: le llega por otro medio. Nunca lo envíe junto con este enlace.

    El enlace funciona hasta el { $until }. Si no pidió imágenes, no lo abra y llámenos.
mail-link-shared-subject = Se compartieron imágenes con usted
mail-link-shared-before = Alguien comparte imágenes médicas con usted. Para verlas, abra esta página:
mail-link-shared-after =
    Necesita el código de acceso y la fecha de nacimiento del paciente. Quien comparte las imágenes le dice el código; no está en este mensaje.

    El enlace funciona hasta el { $until }. Si no espera imágenes, borre este mensaje.
mail-link-used-subject = Se usó un enlace que usted compartió
mail-link-used-before = El { $date } alguien entró por un enlace que usted compartió (solicitud { $reference }).
mail-link-used-after = En la página de su propio enlace puede ver quién abrió qué y terminar ese enlace en cualquier momento. Si esto le sorprende, termínelo y llámenos.
mail-request-made-subject = Se hizo una solicitud de imágenes
mail-request-made-before = El { $date } recibimos una solicitud de imágenes (solicitud { $reference }). Le avisamos porque ya teníamos su dirección en nuestros registros.
mail-request-made-after = Si usted hizo esta solicitud, no tiene que hacer nada. Si no sabe nada de ella, llámenos de inmediato: nada sale antes de que comprobemos quién la hace.
