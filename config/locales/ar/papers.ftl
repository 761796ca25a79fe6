# Reviewed by nobody yet; offered for information.

## Letters that go with a disc or a link
letter-dear = السيد/السيدة { $name }،
letter-reference = رقم طلبك: { $reference }
letter-disc-intro = طلبت منا صورًا طبية. وهي على القرص المرفق بهذه الرسالة.
letter-disc-open = ضع القرص في جهاز كمبيوتر، وافتح الملف INDEX.HTM الموجود عليه، واكتب رمز الفتح. لا يُثبَّت أي برنامج ولا حاجة إلى الإنترنت. يمكنك هناك رؤية الصور وحفظ جميع الملفات لطبيب أو لمستشفى آخر.
letter-disc-open-secure = الصور على القرص مشفّرة بطريقة DICOM Secure Media. وهي تُفتح برمز الفتح في البرامج التي تقرأ مثل هذه الأقراص، ولدى المستشفى أو العيادة التي طلبت ذلك برنامج منها. لا يفتحها المتصفح.
letter-disc-open-plain = يفتح القرص أي عارض DICOM وأي مستشفى. لا يوجد عارض على القرص، والملف INDEX.HTM يبيّن ما عليه.
letter-link-intro = طلبت منا صورًا طبية. يمكنك رؤيتها وحفظها في هذه الصفحة:
letter-link-open = افتح الصفحة، ثم اكتب رقم طلبك وتاريخ ميلادك ورمز الدخول.
letter-code-in-person = نسلمك الرمز شخصيًا.
letter-code-by-phone = نخبرك بالرمز هاتفيًا.
letter-code-by-letter = يصلك الرمز في رسالة منفصلة.
letter-code-apart = لا يُرسل الرمز مع الصور أبدًا، حتى لا يتمكن أحد غيرك من فتحها.
letter-no-code = هذا القرص غير مشفّر كما اخترت ولا يحتاج إلى رمز. كل من يحصل عليه يستطيع رؤية صورك واسمك، فاحفظه في مكان آمن.
letter-closing = مكتبة الصور الطبية

## Slips with a code
slip-access-title = رمز الدخول الخاص بك
slip-opening-title = رمز الفتح الخاص بك
slip-access-use = افتح هذه الصفحة أو الرابط الذي أرسلناه إليك. ثم اكتب رقم طلبك وتاريخ ميلادك وهذا الرمز.
slip-opening-use = افتح الملف INDEX.HTM على القرص { $disc } واكتب هذا الرمز.
slip-secure-use = اكتب هذا الرمز كما هو هنا في البرنامج الذي يفتح القرص { $disc }.
slip-keep = احفظ هذه الورقة بعيدًا عن الرابط وعن القرص. من يملك الاثنين يستطيع رؤية صورك.
slip-until = الرمز صالح حتى { $date }.
slip-access-lost = هل فقدته؟ اتصل بنا: نصدر لك رمزًا جديدًا ويتوقف القديم عن العمل.
slip-opening-lost = هل فقدته؟ اتصل بنا: نخبرك بالرمز مرة أخرى. يبقى الرمز نفسه، لأن رمز القرص لا يمكن تغييره. اتصل بنا أيضًا إذا كان من المحتمل أن يكون الاثنان لدى شخص آخر.

## The receipt that is signed at the counter
receipt-title = إيصال استلام صور طبية
receipt-number = الرقم { $number }
receipt-discs = الأقراص: { $discs }
receipt-received = استلمت هذه الأقراص. يصلني رمز الفتح بطريقة أخرى.
receipt-received-plain = استلمت هذه الأقراص. وهي غير مشفّرة كما اخترت، ولا تحتاج إلى رمز.
receipt-name = الاسم بخط واضح
receipt-document = الوثيقة المعروضة (نوعها فقط دون رقمها)
receipt-signature = التوقيع
receipt-date = التاريخ
receipt-interpreter = اسم المترجم إن وُجد

## Labels of discs
label-medical-images = صور طبية
label-open = لرؤيتها افتح INDEX.HTM في متصفح.
label-open-secure = مشفّر: للبرامج التي تقرأ DICOM Secure Media.
label-open-plain = لأي عارض DICOM. غير مشفّر.
label-with-code = تحتاج إلى رمز الفتح.
label-count = عدد الفحوص: { $studies }، عدد الصور: { $images }
