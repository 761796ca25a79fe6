# Reviewed by nobody yet; offered for information.

## Letters that go with a disc or a link
letter-dear = Estimado/a { $name }:
letter-reference = Su solicitud: { $reference }
letter-disc-intro = Usted nos pidió imágenes médicas. Están en el disco que acompaña a esta carta.
letter-disc-open = Ponga el disco en una computadora, abra el archivo INDEX.HTM del disco y escriba el código de apertura. No se instala nada y no hace falta internet. Ahí puede ver las imágenes y guardar todos los archivos para un médico u otro hospital.
letter-disc-open-secure = Las imágenes del disco están cifradas como DICOM Secure Media. Se abren con el código de apertura, en programas que leen esos discos: el hospital o consultorio que lo pidió así tiene uno. Un navegador no las abre.
letter-disc-open-plain = Cualquier visor DICOM y cualquier hospital abre el disco. En el disco no hay visor: el archivo INDEX.HTM dice qué contiene.
letter-link-intro = Usted nos pidió imágenes médicas. Puede verlas y guardarlas en esta página:
letter-link-open = Abra la página y escriba el número de su solicitud, su fecha de nacimiento y su código de acceso.
letter-code-in-person = Le damos el código en persona.
letter-code-by-phone = Le decimos el código por teléfono.
letter-code-by-letter = El código llega en una carta aparte.
letter-code-apart = El código nunca viaja con las imágenes, para que nadie más pueda abrirlas.
letter-no-code = Este disco no está cifrado, como usted eligió, y no necesita código. Quien lo tenga puede ver sus imágenes y su nombre: guárdelo bien.
letter-closing = Su archivo de imágenes

## Slips with a code
slip-access-title = Su código de acceso
slip-opening-title = Su código de apertura
slip-access-use = Abra esta página, o el enlace que le enviamos. Luego escriba el número de su solicitud, su fecha de nacimiento y este código.
slip-opening-use = Abra el archivo INDEX.HTM del disco { $disc } y escriba este código.
slip-secure-use = Escriba este código, tal como está aquí, en el programa que abre el disco { $disc }.
slip-keep = Guarde este papel separado del enlace y del disco. Quien tenga los dos puede ver sus imágenes.
slip-until = El código vale hasta el { $date }.
slip-access-lost = ¿Lo perdió? Llámenos: le hacemos uno nuevo y el viejo deja de funcionar.
slip-opening-lost = ¿Lo perdió? Llámenos: le decimos el código otra vez. Sigue siendo el mismo, porque el código de un disco no se puede cambiar. Si otra persona pudiera tener los dos, llámenos también.

## The receipt that is signed at the counter
receipt-title = Recibo de imágenes médicas
receipt-number = Número { $number }
receipt-discs = Discos: { $discs }
receipt-received = Recibí estos discos. Mi código de apertura llega por otra vía.
receipt-received-plain = He recibido estos discos. No están cifrados, como elegí, y no necesitan código.
receipt-name = Nombre, en letras mayúsculas
receipt-document = Documento mostrado (solo el tipo, no su número)
receipt-signature = Firma
receipt-date = Fecha
receipt-interpreter = Intérprete, si lo hubo: nombre

## Labels of discs
label-medical-images = Imágenes médicas
label-open = Para verlas, abra INDEX.HTM en un navegador.
label-open-secure = Cifrado: para programas que leen DICOM Secure Media.
label-open-plain = Para cualquier visor DICOM. Sin cifrar.
label-with-code = Necesita su código de apertura.
label-count = { $studies ->
    [one] { $studies } estudio
   *[other] { $studies } estudios
}, { $images ->
    [one] { $images } imagen
   *[other] { $images } imágenes
}
