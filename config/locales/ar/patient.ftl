# Reviewed by nobody yet; offered for information.

## The way in
entry-title = صور طبية
entry-lead-link = هذا الرابط يفتح صورًا طبية. لرؤيتها اكتب تاريخ ميلاد المريض ورمز الدخول.
entry-lead-request = لرؤية الصور اكتب رقم الطلب وتاريخ ميلاد المريض ورمز الدخول.
entry-reference = رقم الطلب
entry-reference-hint = يبدأ بالحرفين FR. تجده في رسالتنا الورقية.
entry-birth-date = تاريخ ميلاد المريض
entry-birth-date-hint = مثلًا 4 12 1968 لليوم 12 أبريل 1968
entry-month = الشهر
entry-day = اليوم
entry-year = السنة
entry-code = رمز الدخول
entry-code-hint = ثمانية أحرف وأرقام. ليس في البريد الإلكتروني الذي فيه الرابط.
entry-button = عرض الصور
entry-no-code = ليس لدي رمز دخول
entry-no-code-help = نعطي الرمز شخصيًا أو بالهاتف أو برسالة ورقية، ولا نرسله أبدًا مع الرابط. إن لم يصلك فاتصل على { $phone }.
entry-other-way = الدخول برقم الطلب بدلًا من ذلك
entry-again = غبت مدة فأغلقنا الصفحات حفاظًا عليك. اكتب بياناتك مرة أخرى. وإن كنا أرسلنا إليك رابطًا فيمكنك فتحه من جديد.
entry-wrong-date = راجع تاريخ الميلاد: الشهر واليوم والسنة بأربعة أرقام.
entry-wrong-code = راجع رمز الدخول: فيه ثمانية أحرف وأرقام.
entry-wrong-reference = راجع رقم الطلب: FR ثم ثمانية أحرف وأرقام.
entry-no-match = هذه البيانات لا تتفق. راجع تاريخ الميلاد والرمز وحاول مرة أخرى. إن لم ينجح ذلك فاتصل على { $phone }.
entry-wait = كانت هناك عدة محاولات خاطئة. يمكنك المحاولة من جديد بعد { $minutes ->
    [one] دقيقة واحدة
    [two] دقيقتين
    [few] { $minutes } دقائق
   *[other] { $minutes } دقيقة
}. ما كتبته باقٍ هنا. إن لم تكن متأكدًا من الرمز فاتصل على { $phone }.
entry-locked = كانت المحاولات الخاطئة كثيرة فأُقفلت الصور. لم يضع شيء. اتصل على { $phone } للحصول على رمز جديد.
entry-unknown = لا نعرف هذا الرابط. ربما انقطع في البريد الإلكتروني أو حلّ محله رابط أحدث. افتح أحدث رسالة منا أو اتصل على { $phone }.
entry-ended = لم يعد هذا الرابط مفتوحًا. إن كنت لا تزال تحتاج إلى الصور فاتصل على { $phone }.

## The way out
left-title = لقد خرجت
left = أُغلقت الصفحات على هذا الجهاز. ما حفظته باقٍ حيث حفظته.
left-again = الدخول مرة أخرى

## Around the pages
visit-places = صفحاتك
place-images = الصور
place-request = طلبي
place-visits = من فتحها
leave-button = خروج

## Studies
study-ct = تصوير مقطعي (CT)
study-mr = رنين مغناطيسي (MRI)
study-us = تصوير بالموجات فوق الصوتية
study-xray = أشعة سينية
study-mg = تصوير الثدي
study-nm = تصوير بالطب النووي
study-pt = تصوير PET
study-xa = أشعة سينية متحركة
study-dental = أشعة أسنان
study-other = صور
study-count = { $count ->
    [zero] لا فحوص
    [one] فحص واحد
    [two] فحصان
    [few] { $count } فحوص
    [many] { $count } فحصًا
   *[other] { $count } فحص
}

## All images
home-title = صورك
home-until = يمكنك فتح هذه الصفحات حتى { $date }.
home-picture-of = صورة من: { $name }
home-empty = لا توجد صور هنا بعد. عندما تصبح جاهزة تجدها في هذه الصفحة.
see-button = مشاهدة
share-button = إعطاؤها لطبيبي
save-button = حفظ على حاسوب
ways-title = ما هو في الطريق
ways-none = لم يُختر شيء بعد. اتصل بنا وقل كيف تريد صورك.
way-for = إلى { $name }
way-tracking = رقم التتبع:
way-link = رابط إلى هذه الصفحات
way-mail = قرص بالبريد
way-fedex = قرص عبر FedEx
way-desk = قرص من مكتبنا
way-preparing = قيد التحضير
way-under-way = جارٍ
way-sent = في الطريق إليك
way-done = تم
way-done-on = تم في { $date }
way-arrives = يصل في موعد أقصاه { $date }
way-sent-on = غادر في { $date }

## Seeing
see-back = العودة إلى كل الصور
see-position = الصورة { $number } من { $count }
see-alt = { $name }. { $position }
see-not-drawn = لا يمكن عرض هذه الصورة هنا. هي بين الملفات التي تُحفظ، ويمكن لبرنامج الطبيب عرضها.
see-steps = صور أخرى
see-previous = الصورة السابقة
see-next = الصورة التالية
see-go-to = الصورة
see-brightness = السطوع
see-contrast = التباين
see-show = عرض
see-darker = أغمق
see-brighter = أفتح
see-as-it-was = كما كانت
see-save = حفظ هذه الصورة
see-keys = تنتقل بين الصور بأسهم لوحة المفاتيح وعجلة الفأرة.
see-not-diagnosis = هذه الصور للمشاهدة لا للتشخيص. للطبيب أعطِ كل الملفات أو احفظها.
see-documents = يعرض متصفحك التقرير أو المستند هنا بعد لحظة. إن لم يظهر شيء فهو بين الملفات التي تُحفظ.
see-series-title = السلاسل
see-series = السلسلة { $number }

## Saving
save-title = حفظ على حاسوب
save-lead = تحصل على كل الصور بجودتها الكاملة في ملف واحد كما تحتاجها المستشفيات والأطباء.
save-holds = ما فيه
save-size = الحجم
save-kind = نوع الملف
save-withheld = { $count ->
    [one] ملف واحد تالف وليس فيه.
   *[other] { $count } من الملفات تالفة وليست فيه.
} اتصل بنا إن أردت أن تعرف المزيد.
save-now = حفظ ({ $size })
save-not-allowed = هذا الرابط للمشاهدة فقط. اسأل من أعطاك إياه أو اتصل بنا.
save-how-title = كيف تستعمله
save-how-1 = احفظ الملف على حاسوب وافتحه هناك بنقرة مزدوجة.
save-how-2 = الملف README.TXT يقول ما فيه وأين. والملف MANIFEST.TXT يعدد كل صورة ليتأكد أي شخص أن كل شيء وصل.
save-how-3 = لطبيب أو مستشفى آخر انسخ كل ما فيه إلى ذاكرة USB أو قرص، أو استعمل «إعطاؤها لطبيبي».
save-care = لا تحفظه على حاسوب يستعمله آخرون: من يجد الملف يستطيع رؤية صورك.

## My request
request-received = استلمناه في
request-due = تسمع منا في موعد أقصاه
request-submitted = ننظر في طلبك
request-needs-information = نحتاج إلى معلومة منك: اتصل بنا
request-identity-verified = نعرف من يطلب ونبحث عن الصور
request-approved = تمت الموافقة: نحضّر صورك
request-fulfilling = تمت الموافقة: صورك في الطريق
request-fulfilled = تم: سُلّم كل شيء
request-denied = لم تتم الموافقة: رسالتنا تقول لماذا وما يمكنك فعله
request-no-records = لم نجد صورًا: رسالتنا تقول أين تسأل
request-duplicate = مثل طلب آخر لك
request-withdrawn = لقد سحبته

## Who opened it
visits-lead = هنا ترى من استعمل رابطك. إن فاجأك شيء فاتصل بنا.
visits-own = رابطك أنت
visits-people = أشخاص دخلوا بالرمز
visits-unknown = شخص لم يدخل
visits-scanners = برامج تفحص الروابط في البريد الإلكتروني. لا ترى شيئًا من صورك.
visits-none = لا أحد بعد.
visits-share = أُعطي إلى { $name }
visits-share-until = يعمل حتى { $date }
visits-share-ended = انتهى
visits-end = إنهاء هذا الرابط
deed-opened = فتح الرابط، آخر مرة في { $date } ({ $times }×)
deed-pressed = أرسل نموذجًا فارغًا، آخر مرة في { $date } ({ $times }×)
deed-refused = حاول ولم يُسمح له بالدخول، آخر مرة في { $date } ({ $times }×)
deed-entered = دخل، آخر مرة في { $date } ({ $times }×)
deed-viewed = شاهد صورًا، آخر مرة في { $date } ({ $times }×)
deed-downloaded = حفظ الصور، آخر مرة في { $date } ({ $times }×)
deed-shared = أعطى الصور لشخص، آخر مرة في { $date } ({ $times }×)

## Giving to a doctor
share-title = إعطاؤها لطبيبي
share-lead = يحصل طبيبك على رابط ورمز خاصين به، ويمكنه رؤية صورك وحفظها. يمكنك إنهاء ذلك في أي وقت.
share-name = اسم الطبيب أو العيادة
share-email = البريد الإلكتروني
share-email-hint = اتركه فارغًا لتعطي الرابط بيدك.
share-how-long = لأي مدة
share-days = { $days } يومًا
share-no-name = قل من يحصل على صورك.
share-wrong-email = راجع البريد الإلكتروني أو اتركه فارغًا.
shared-title = جاهز لطبيبك
shared-until = يمكن لـ { $name } فتح صورك حتى { $date }.
shared-link = الرابط
shared-mailed = نرسله إلى { $email }.
shared-by-hand = دع طبيبك يمسح هذا الرمز، أو انسخ العنوان.
shared-code = الرمز
shared-code-apart = قل هذا الرمز لطبيبك بالهاتف أو شخصيًا مع تاريخ ميلاد المريض. لا ترسله مع الرابط. نعرضه الآن فقط.
