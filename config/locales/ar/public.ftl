# Reviewed by nobody yet; offered for information.
catalog-reviewed-by = nobody

## Around every page
skip-to-content = انتقل إلى محتوى الصفحة
film-library = مكتبة الصور الطبية
language-choice = اللغة
help-line = هل لديك سؤال؟ اتصل على { $phone }. { $hours }.
translation-unreviewed = لم يراجع مترجم محترف هذه الترجمة. عند الشك، النص الإنجليزي هو المعتمد. المترجم الفوري مجاني: اتصل بنا.
back-to-start = العودة إلى البداية

## Dates and counts
month-1 = يناير
month-2 = فبراير
month-3 = مارس
month-4 = أبريل
month-5 = مايو
month-6 = يونيو
month-7 = يوليو
month-8 = أغسطس
month-9 = سبتمبر
month-10 = أكتوبر
month-11 = نوفمبر
month-12 = ديسمبر
weekday-1 = الاثنين
weekday-2 = الثلاثاء
weekday-3 = الأربعاء
weekday-4 = الخميس
weekday-5 = الجمعة
weekday-6 = السبت
weekday-7 = الأحد
date = { $day } { $month } { $year }
weekday-and-date = { $weekday }، { $day } { $month }
document-count = { $count ->
    [zero] لا تقارير ولا مستندات
    [one] تقرير أو مستند واحد
    [two] تقريران أو مستندان
    [few] { $count } تقارير أو مستندات
    [many] { $count } تقريرًا أو مستندًا
   *[other] { $count } تقرير أو مستند
}
image-count = { $count ->
    [zero] لا صور
    [one] صورة واحدة
    [two] صورتان
    [few] { $count } صور
    [many] { $count } صورة
   *[other] { $count } صورة
}

## When something goes wrong
error-not-found-title = لا توجد صفحة هنا
error-not-found = ربما قُطع العنوان أو كُتب خطأ، أو لم تعد الصفحة موجودة. لم يضع شيء: ابدأ من جديد من الرابط أو الرسالة التي وصلتك.
error-not-permitted-title = هذه الصفحة غير متاحة لك
error-not-permitted = ما طلبته يحتاج إلى صلاحيات أخرى، أو أُرسل من موقع آخر. ارجع وحاول من صفحتنا نفسها.
error-stale-form-title = من فضلك أرسل هذا مرة أخرى
error-stale-form = فُتح النموذج قبل تسجيل دخولك أو في نافذة أخرى. ارجع، وأعد تحميل الصفحة، وأرسله مرة أخرى.
error-changed-title = سبقك شخص آخر
error-changed = تغيّر هذا منذ أن فتحت الصفحة، ولم يُنفَّذ شيء مما أرسلته. ارجع، وأعد تحميل الصفحة، وانظر من جديد.
error-too-large-title = هذا طويل جدًا
error-too-large = ما أُرسل أطول مما نقبله. ارجع واختصره.
error-too-often-title = انتظر لحظة من فضلك
error-too-often = كانت هناك محاولات كثيرة في وقت قصير. انتظر بضع دقائق ثم حاول مرة أخرى.
error-unreadable-title = لم نتمكن من قراءة ذلك
error-unreadable = لم نفهم شيئًا مما أُرسل. ارجع، وراجع الحقول، وحاول مرة أخرى.
error-busy-title = نحن مشغولون
error-busy = لم تُجب الخدمة في الوقت المناسب. انتظر دقيقة ثم حاول مرة أخرى. ربما وصل ما أرسلته: تحقق قبل أن ترسله مرتين.
error-broken-title = حدث خطأ من جانبنا
error-broken = ليس الخطأ منك، وقد سجلناه. حاول مرة أخرى بعد بضع دقائق؛ وإن تكرر فاتصل بنا.
error-reference = أخبرنا بهذا الرقم: { $reference }

## Signing in
sign-in-title = تسجيل الدخول
sign-in-lead = لموظفي مكتبة الصور الطبية.
sign-in-name = اسم المستخدم
sign-in-password = كلمة المرور
sign-in-button = تسجيل الدخول
sign-in-refused = اسم المستخدم أو كلمة المرور غير صحيحة. راجعهما وحاول مرة أخرى.
sign-in-wait = كانت هناك محاولات خاطئة كثيرة. انتظر بضع دقائق ثم حاول مرة أخرى.

## Why a parcel is there when it is
promise-leaves-same-day = تُرسل في { $on }.
promise-after-cut-off = اكتمل الطلب بعد الساعة { $cut_off }، وهذا متأخر لذلك اليوم.
promise-weekend = عطلة نهاية الأسبوع في { $on } لا تُحسب.
promise-site-closed = نحن مغلقون في { $on } ({ $holiday }).
promise-carrier-closed = شركة الشحن لا تعمل في { $on } ({ $holiday }).
promise-carrier-says = تصل عبر { $service } في { $on }.
promise-none-is-faster = لا توجد خدمة تصل إلى هذا العنوان قبل { $on }.
promise-if-complete-now = إذا كان كل شيء جاهزًا ومدفوعًا الآن، تصل في موعد أقصاه { $date }.
promise-why = لماذا هذا اليوم
promise-never = لا تُوصل FedEx إلى هذا العنوان. اتصل بنا لنختار معًا طريقة أخرى.
promise-unknown = لا نستطيع الآن أن نقول متى تصل. انظر لاحقًا أو اتصل بنا.

## The fee
fee-title = الرسم: { $amount }
fee-made-of = ممّ يتكوّن الرسم
fee-together = المجموع
fee-told = لا شيء مستحق بعد. يُستحق الرسم عندما تتم الموافقة على طلبك وتكون الصور متوفرة.
fee-due = يرجى دفعه في مكتبنا. لا يُرسل شيء قبل ذلك.
fee-paid-on = دُفع في { $date }، إيصال { $receipt }.
fee-waived = أُعفيت من الرسم: لا تدفع شيئًا.
fee-void = لم يعد هناك شيء مستحق.
fee-refunding = سيُعاد إليك.
fee-refunded = أُعيد إليك.
fee-free-ways = الرابط والقرص بالبريد والقرص من مكتبنا مجانية.
fee-quote = تكلفة التوصيل عبر FedEx
fee-receipt = إيصال التوصيل عبر FedEx
