package sample

var rightToLeft = []country{{
	code:    "EG",
	titles:  []string{"السيدة", "السيد", "د."},
	first:   []name{{"فاطمة", "fatma"}, {"عبد الرحمن", "abdelrahman"}, {"نُهى", "noha"}, {"مصطفى", "mostafa"}},
	last:    []name{{"الشافعي", "elshafei"}, {"أبو النجا", "aboelnaga"}, {"المصري", "elmasry"}},
	streets: []string{"شارع النخيل", "حارة القنديل", "طريق الواحة"},
	towns:   []town{{"عين الريحان", "الجيزة", "12###"}, {"كفر الياسمين", "الدقهلية", "35###"}},
	phones:  []string{"02 ########", "+20 (50) #######"},
	cells:   []string{"010########", "+20-11-########", ""},
}, {
	code:    "IL",
	titles:  []string{"גב'", "מר", "ד\"ר"},
	first:   []name{{"נועה", "noa"}, {"אביתר", "evyatar"}, {"צְבִי", "tzvi"}},
	last:    []name{{"בן־דוד", "bendavid"}, {"שקדי", "shkedi"}, {"אלמוג", "almog"}},
	streets: []string{"רחוב הזית", "שדרות הכרמים", "סמטת הרימון"},
	towns:   []town{{"גבעת ארזים", "", "#######"}, {"נווה שקמה", "", "#######"}},
	phones:  []string{"03-#######", "+972 (0)4 ### ####"},
	cells:   []string{"05#-#######", "+9725########"},
}, {
	code:    "IR",
	titles:  []string{"خانم", "آقای"},
	first:   []name{{"شیرین", "shirin"}, {"کیوان", "keyvan"}, {"ژاله", "zhaleh"}},
	last:    []name{{"می‌رزایی", "mirzaei"}, {"پورکریم", "pourkarim"}, {"گلستانی", "golestani"}},
	streets: []string{"خیابان سرو", "کوچهٔ یاس", "بلوار چمن"},
	towns:   []town{{"چشمه‌سار", "فارس", "##########"}, {"باغ‌آباد", "گیلان", "##########"}},
	phones:  []string{"021-########", "+98 71 #### ####"},
	cells:   []string{"09#########", "+98 912 ### ####"},
}}
