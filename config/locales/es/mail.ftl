# Reviewed by nobody yet; offered for information.

## The mail that carries a link
mail-link-subject = Sus imágenes médicas están listas
mail-link-text =
    { $hospital } tiene listas sus imágenes. Puede verlas, guardarlas y compartirlas con un médico aquí:

    { $url }

    La página le pedirá su fecha de nacimiento y su código de acceso. El código nunca va en un correo electrónico: le llega por otra vía, en papel o por teléfono.

    El enlace funciona hasta el { $until }. Si no se abre, o si usted no pidió esto, llame al { $phone } ({ $hours }).
