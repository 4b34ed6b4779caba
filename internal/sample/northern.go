package sample

var northern = []country{{
	code:    "DE",
	titles:  []string{"Frau", "Herr", "Dr.", "Prof. Dr."},
	first:   []name{{"Jörg", "joerg"}, {"Bärbel", "baerbel"}, {"Käthe", "kaethe"}, {"Günther", "guenther"}, {"Änne", "aenne"}},
	last:    []name{{"Weißmüller", "weissmueller"}, {"von der Höh", "vonderhoeh"}, {"Groß", "gross"}, {"Schröder-Löwe", "schroeder-loewe"}, {"Übel", "uebel"}},
	streets: []string{"Großbäckergasse", "Straße der Einheit", "Am Mühlenfließ", "Zur Schönen Aussicht"},
	towns:   []town{{"Überstedt", "Thüringen", "99###"}, {"Bad Königsau", "Bayern", "94###"}, {"Lütjenhude", "Niedersachsen", "2####"}},
	phones:  []string{"0##/####-###", "+49 (0)9## / ## ## ##", "0800-###-##-##"},
	cells:   []string{"0151 / ########", "+4917########", ""},
}, {
	code:    "NO",
	titles:  []string{"Fru", "Herr"},
	first:   []name{{"Bjørg", "bjorg"}, {"Håkon", "hakon"}, {"Åse", "aase"}, {"Øystein", "oystein"}},
	last:    []name{{"Sæbø", "saebo"}, {"Brekkhus", "brekkhus"}, {"Ødegård", "odegaard"}, {"Tveiten", "tveiten"}},
	streets: []string{"Fjæregata", "Øvre Bøvegen", "Sjøstien"},
	towns:   []town{{"Hønevik", "Vestland", "5###"}, {"Åsgrend", "Innlandet", "2###"}},
	phones:  []string{"########", "+47 ## ## ## ##"},
	cells:   []string{"4## ## ###", "9#######"},
}, {
	code:    "IS",
	titles:  []string{"Frú", "Herra"},
	first:   []name{{"Þórdís", "thordis"}, {"Guðmundur", "gudmundur"}, {"Ævar", "aevar"}, {"Sigríður", "sigridur"}},
	last:    []name{{"Þorvaldsdóttir", "thorvaldsdottir"}, {"Björnsson", "bjornsson"}, {"Eðvarðsson", "edvardsson"}},
	streets: []string{"Hrafnaþing", "Bólstaðarvík", "Efri-Ægisbraut"},
	towns:   []town{{"Hvítárnes", "", "8##"}, {"Þórshlíð", "", "6##"}},
	phones:  []string{"5##-####", "+354 4######"},
	cells:   []string{"8## ####", "(354)6######"},
}, {
	code:    "FI",
	titles:  []string{"Rouva", "Herra"},
	first:   []name{{"Päivi", "paivi"}, {"Väinö", "vaino"}, {"Yrjö", "yrjo"}, {"Äijä", "aija"}},
	last:    []name{{"Hämäläinen-Öhman", "hamalainen-ohman"}, {"Kyrölä", "kyrola"}, {"Mäkitörmä", "makitorma"}},
	streets: []string{"Hiidenkiventie", "Pitkäpyörre", "Säynävätie"},
	towns:   []town{{"Ylä-Särkkä", "Pohjanmaa", "6####"}, {"Röykkälä", "Lappi", "9####"}},
	phones:  []string{"09 ### ####", "+358-(0)8-######"},
	cells:   []string{"040#######", "050-### ## ##"},
}}
