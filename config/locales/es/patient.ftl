# Reviewed by nobody yet; offered for information.

## The way in
entry-title = Imágenes médicas
entry-lead-link = Este enlace abre imágenes médicas. Para verlas, escriba la fecha de nacimiento del paciente y el código de acceso.
entry-lead-request = Para ver las imágenes, escriba el número de la solicitud, la fecha de nacimiento del paciente y el código de acceso.
entry-reference = Número de la solicitud
entry-reference-hint = Empieza con FR. Está en nuestra carta.
entry-birth-date = Fecha de nacimiento del paciente
entry-birth-date-hint = Por ejemplo 4 12 1968 para el 12 de abril de 1968
entry-month = Mes
entry-day = Día
entry-year = Año
entry-code = Código de acceso
entry-code-hint = Ocho letras y cifras. No está en el correo con el enlace.
entry-button = Mostrar las imágenes
entry-no-code = No tengo código de acceso
entry-no-code-help = Damos el código en persona, por teléfono o por carta, nunca en el mismo mensaje que el enlace. Si no le llegó, llame al { $phone }.
entry-other-way = Entrar con el número de una solicitud
entry-again = Estuvo ausente un rato y cerramos las páginas por su seguridad. Escriba sus datos otra vez. Si le enviamos un enlace, también puede abrirlo de nuevo.
entry-wrong-date = Revise la fecha de nacimiento: mes, día y año de cuatro cifras.
entry-wrong-code = Revise el código de acceso: tiene ocho letras y cifras.
entry-wrong-reference = Revise el número de la solicitud: FR y ocho letras y cifras.
entry-no-match = Estos datos no van juntos. Revise la fecha de nacimiento y el código e inténtelo otra vez. Si no funciona, llame al { $phone }.
entry-wait = Hubo varios intentos equivocados. Puede intentarlo otra vez en { $minutes ->
    [one] { $minutes } minuto
   *[other] { $minutes } minutos
}. Lo que escribió se queda aquí. Si no está seguro del código, llame al { $phone }.
entry-locked = Hubo demasiados intentos equivocados y las imágenes están bloqueadas. Nada se ha perdido. Llame al { $phone } para recibir un código nuevo.
entry-unknown = No conocemos este enlace. Quizá se cortó en el correo o fue reemplazado por uno más nuevo. Abra nuestro correo más reciente o llame al { $phone }.
entry-ended = Este enlace ya no está abierto. Si aún necesita las imágenes, llame al { $phone }.

## The way out
left-title = Ha salido
left = Las páginas están cerradas en este dispositivo. Lo que guardó sigue donde lo guardó.
left-again = Entrar otra vez

## Around the pages
visit-places = Sus páginas
place-images = Imágenes
place-request = Mi solicitud
place-visits = Quién las abrió
leave-button = Salir

## Studies
study-ct = Tomografía (CT)
study-mr = Resonancia magnética (MRI)
study-us = Ultrasonido
study-xray = Radiografía
study-mg = Mamografía
study-nm = Estudio de medicina nuclear
study-pt = Tomografía PET
study-xa = Radiografía en movimiento
study-dental = Radiografía dental
study-other = Imágenes
study-count = { $count ->
    [one] { $count } estudio
   *[other] { $count } estudios
}

## All images
home-title = Sus imágenes
home-until = Puede abrir estas páginas hasta el { $date }.
home-picture-of = Una imagen de: { $name }
home-empty = Aún no hay imágenes aquí. Cuando estén listas, las encontrará en esta página.
see-button = Ver
share-button = Dar a mi médico
save-button = Guardar en una computadora
ways-title = Lo que está en camino
ways-none = Todavía no se eligió nada. Llámenos para decir cómo quiere sus imágenes.
way-for = Para { $name }
way-tracking = Número de seguimiento:
way-link = Enlace a estas páginas
way-mail = Disco por correo
way-fedex = Disco por FedEx
way-desk = Disco en nuestro mostrador
way-preparing = En preparación
way-under-way = En curso
way-sent = En camino hacia usted
way-done = Terminado
way-done-on = Terminado el { $date }
way-arrives = Llega a más tardar el { $date }
way-sent-on = Salió el { $date }

## Seeing
see-back = Volver a todas las imágenes
see-position = Imagen { $number } de { $count }
see-alt = { $name }. { $position }
see-not-drawn = Esta imagen no se puede mostrar aquí. Está entre los archivos que se guardan, y el programa de un médico puede mostrarla.
see-steps = Otras imágenes
see-previous = Imagen anterior
see-next = Imagen siguiente
see-go-to = Imagen
see-brightness = Brillo
see-contrast = Contraste
see-show = Mostrar
see-darker = Más oscura
see-brighter = Más clara
see-as-it-was = Como estaba
see-save = Guardar esta imagen
see-keys = Con las flechas del teclado y la rueda del ratón se pasa de una imagen a otra.
see-not-diagnosis = Estas imágenes son para mirar, no para diagnosticar. A un médico dele o guárdele todos los archivos.
see-documents = Su navegador muestra aquí el informe o documento en un momento. Si no aparece nada: está entre los archivos que se guardan.
see-series-title = Series
see-series = Serie { $number }

## Saving
save-title = Guardar en una computadora
save-lead = Recibe todas las imágenes con toda su calidad en un solo archivo, como las necesitan hospitales y médicos.
save-holds = Qué contiene
save-size = Tamaño
save-kind = Tipo de archivo
save-withheld = { $count ->
    [one] { $count } archivo está dañado y no se incluye.
   *[other] { $count } archivos están dañados y no se incluyen.
} Llámenos si necesita saber más.
save-now = Guardar ({ $size })
save-not-allowed = Este enlace es solo para mirar. Pregunte a quien se lo dio o llámenos.
save-how-title = Cómo se usa
save-how-1 = Guarde el archivo en una computadora y ábralo allí con doble clic.
save-how-2 = El archivo README.TXT dice qué hay y dónde. MANIFEST.TXT enumera cada imagen, para comprobar que llegaron todas.
save-how-3 = Para un médico u otro hospital, copie todo en una memoria USB o un disco, o use «Dar a mi médico».
save-care = No lo guarde en una computadora que usan otros: quien encuentre el archivo puede ver sus imágenes.

## My request
request-received = La recibimos el
request-due = Tendrá respuesta a más tardar el
request-submitted = Estamos revisando su solicitud
request-needs-information = Necesitamos saber algo de usted: llámenos
request-identity-verified = Sabemos quién la hace y buscamos las imágenes
request-approved = Aprobada: preparamos sus imágenes
request-fulfilling = Aprobada: sus imágenes están en camino
request-fulfilled = Terminada: todo se entregó
request-denied = No aprobada: nuestra carta dice por qué y qué puede hacer
request-no-records = No encontramos imágenes: nuestra carta dice dónde preguntar
request-duplicate = Igual a otra solicitud suya
request-withdrawn = Usted la retiró

## Who opened it
visits-lead = Aquí ve quién usó su enlace. Si algo le sorprende, llámenos.
visits-own = Su propio enlace
visits-people = Personas que entraron con el código
visits-unknown = Alguien que no entró
visits-scanners = Programas que revisan enlaces en el correo. No ven nada de sus imágenes.
visits-none = Nadie todavía.
visits-share = Dado a { $name }
visits-share-until = Funciona hasta el { $date }
visits-share-ended = Terminado
visits-end = Terminar este enlace
deed-opened = Abrió el enlace, la última vez el { $date } ({ $times }×)
deed-pressed = Envió un formulario vacío, la última vez el { $date } ({ $times }×)
deed-refused = Lo intentó y no pudo entrar, la última vez el { $date } ({ $times }×)
deed-entered = Entró, la última vez el { $date } ({ $times }×)
deed-viewed = Miró imágenes, la última vez el { $date } ({ $times }×)
deed-downloaded = Guardó las imágenes, la última vez el { $date } ({ $times }×)
deed-shared = Dio las imágenes a alguien, la última vez el { $date } ({ $times }×)

## Giving to a doctor
share-title = Dar a mi médico
share-lead = Su médico recibe un enlace y un código propios, y puede ver y guardar sus imágenes. Usted puede terminarlo en cualquier momento.
share-name = Nombre del médico o del consultorio
share-email = Correo electrónico
share-email-hint = Déjelo vacío para dar el enlace en mano.
share-how-long = Por cuánto tiempo
share-days = { $days } días
share-no-name = Diga quién recibe sus imágenes.
share-wrong-email = Revise el correo electrónico o déjelo vacío.
shared-title = Listo para su médico
shared-until = { $name } puede abrir sus imágenes hasta el { $date }.
shared-link = El enlace
shared-mailed = Lo enviamos a { $email }.
shared-by-hand = Deje que su médico escanee esto, o copie la dirección.
shared-code = El código
shared-code-apart = Diga este código a su médico por teléfono o en persona, con la fecha de nacimiento del paciente. No lo envíe junto con el enlace. Solo lo mostramos ahora.
