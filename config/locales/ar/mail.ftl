# Reviewed by nobody yet; offered for information.

## The mail that carries a link
mail-link-subject = صورك الطبية جاهزة
mail-link-text =
    صورك جاهزة لدى { $hospital }. يمكنك مشاهدتها وحفظها ومشاركتها مع طبيب هنا:

    { $url }

    ستطلب الصفحة تاريخ ميلادك ورمز الدخول. لا يُرسل الرمز أبدًا بالبريد الإلكتروني: يصلك بطريقة أخرى، على الورق أو بالهاتف.

    يعمل الرابط حتى { $until }. إذا لم يفتح، أو إذا لم تطلب هذا، فاتصل بالرقم { $phone } ({ $hours }).
