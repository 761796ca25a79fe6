# Reviewed by nobody yet; offered for information.
catalog-reviewed-by = nobody

## Around every page
skip-to-content = Ir al contenido de la página
film-library = Archivo de imágenes
language-choice = Idioma
help-line = ¿Preguntas? Llame al { $phone }. { $hours }.
translation-unreviewed = Esta traducción no ha sido revisada por un traductor profesional. En caso de duda, vale el texto en inglés. El intérprete es gratis: llámenos.
back-to-start = Volver al inicio

## Dates and counts
month-1 = enero
month-2 = febrero
month-3 = marzo
month-4 = abril
month-5 = mayo
month-6 = junio
month-7 = julio
month-8 = agosto
month-9 = septiembre
month-10 = octubre
month-11 = noviembre
month-12 = diciembre
weekday-1 = lunes
weekday-2 = martes
weekday-3 = miércoles
weekday-4 = jueves
weekday-5 = viernes
weekday-6 = sábado
weekday-7 = domingo
date = { $day } de { $month } de { $year }
weekday-and-date = { $weekday }, { $day } de { $month }
document-count = { $count ->
    [one] { $count } informe o documento
   *[other] { $count } informes o documentos
}
image-count = { $count ->
    [one] { $count } imagen
   *[other] { $count } imágenes
}

## When something goes wrong
error-not-found-title = Aquí no hay ninguna página
error-not-found = Puede que la dirección esté cortada o mal escrita, o que la página ya no exista. No se ha perdido nada: empiece de nuevo desde el enlace o la carta que recibió.
error-not-permitted-title = Esta página no está abierta para usted
error-not-permitted = Lo que pidió necesita otros permisos o se envió desde otro sitio. Vuelva atrás e inténtelo desde nuestra propia página.
error-stale-form-title = Envíelo otra vez, por favor
error-stale-form = El formulario se abrió antes de iniciar sesión o en otra ventana. Vuelva atrás, recargue la página y envíelo una vez más.
error-changed-title = Alguien se adelantó
error-changed = Esto cambió desde que abrió la página, y no se hizo nada de lo suyo. Vuelva atrás, recargue la página y mire de nuevo.
error-too-large-title = Es demasiado largo
error-too-large = Lo enviado es más largo de lo que aceptamos. Vuelva atrás y acórtelo.
error-too-often-title = Espere un momento, por favor
error-too-often = Hubo demasiados intentos en poco tiempo. Espere unos minutos e inténtelo de nuevo.
error-unreadable-title = No pudimos leerlo
error-unreadable = Algo de lo enviado no se pudo entender. Vuelva atrás, revise los campos e inténtelo de nuevo.
error-busy-title = Estamos ocupados
error-busy = El servicio no respondió a tiempo. Espere un minuto e inténtelo de nuevo. Puede que lo enviado haya llegado: mire antes de enviarlo dos veces.
error-broken-title = Algo falló de nuestro lado
error-broken = No es culpa suya, y lo hemos anotado. Inténtelo de nuevo en unos minutos; si vuelve a ocurrir, llámenos.
error-reference = Díganos este número: { $reference }

## Signing in
sign-in-title = Iniciar sesión
sign-in-lead = Para el personal del archivo de imágenes.
sign-in-name = Nombre de usuario
sign-in-password = Contraseña
sign-in-button = Iniciar sesión
sign-in-refused = El nombre de usuario o la contraseña no es correcto. Revise los dos e inténtelo de nuevo.
sign-in-wait = Hubo demasiados intentos fallidos. Espere unos minutos e inténtelo de nuevo.

## Why a parcel is there when it is
promise-leaves-same-day = Sale el { $on }.
promise-after-cut-off = El pedido se completó después de las { $cut_off }, demasiado tarde para ese día.
promise-weekend = El fin de semana del { $on } no cuenta.
promise-site-closed = Cerramos el { $on } ({ $holiday }).
promise-carrier-closed = El transportista no trabaja el { $on } ({ $holiday }).
promise-carrier-says = { $service } llega el { $on }.
promise-none-is-faster = Ningún servicio llega a esa dirección antes del { $on }.
promise-if-complete-now = Si todo está listo y pagado ahora, llega a más tardar el { $date }.
promise-why = Por qué ese día
promise-never = FedEx no entrega en esa dirección. Llámenos: elegimos juntos otra manera.
promise-unknown = Ahora no podemos decir cuándo llega. Mire más tarde o llámenos.

## The fee
fee-title = Tarifa: { $amount }
fee-made-of = De qué se compone la tarifa
fee-together = En total
fee-told = Todavía no hay que pagar nada. La tarifa se paga cuando su solicitud está aprobada y las imágenes están disponibles.
fee-due = Páguela en nuestro mostrador. Antes no se envía nada.
fee-paid-on = Pagada el { $date }, recibo { $receipt }.
fee-waived = Se le perdonó la tarifa: usted no paga nada.
fee-void = Ya no hay que pagar nada.
fee-refunding = Se le devolverá.
fee-refunded = Se le devolvió.
fee-free-ways = Un enlace, un disco por correo y un disco en nuestro mostrador son gratis.
fee-quote = Lo que cuesta el envío por FedEx
fee-receipt = Recibo del envío por FedEx
