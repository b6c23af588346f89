"""Lists as customers write them, with the quantities that a reader finds in them."""
# ruff: noqa: RUF001 - lists of many languages

CASES: dict[str, tuple[str, list[float]]] = {
    "quoted CSV": (
        'Hi\n"Pos","Description","Part No.","Qty","UOM"\n"1","Bolt, hex M8x40","B-840","1,200","pcs"\n"2","Washer, flat","W-8","2,400","pcs"\n"3","Nut, ""nyloc""","N-8","1,200","pcs"\nthanks',
        [1200, 2400, 1200],
    ),
    "CSV without a head": ("please quote\nbolt,M8,250\nnut,M8,500\nwasher,M8,750\n", [250, 500, 750]),
    "CSV with units": ("RT-1007,300,EA\nRT-1008,50,EA\n", [300, 50]),
    "CSV with commas in names": (
        "part,description,qty\nA-1,bolt, hex,40\nA-2,nut,50\nA-3,washer, flat,60\n",
        [40, 50, 60],
    ),
    "semicolons and decimal commas": (
        "Artikel;Menge;Einheit\nBlech 3 mm;1.250,5;kg\nRohr 40x3;2.000;m\n",
        [1250.5, 2000],
    ),
    "Markdown": (
        "Need:\n\n| # | Item | Qty | Rev |\n|---|:-----|----:|---|\n| 1 | Bracket BR-11 | 40 | B |\n| 2 | Bracket BR-12 | 60 | C |\n",
        [40, 60],
    ),
    "aligned by blanks, a cell left empty": (
        "POS  ARTIKEL                 WERKSTOFF   MENGE  EINH\n10   Welle 40h6              C45            12  Stk\n20   Buchse 40x50                           24  Stk\n30   Deckel                  S355            6  Stk\n     Summe                                  42\n",
        [12, 24, 6],
    ),
    "Japanese heads": (
        "お見積りをお願いします。\n品番\t品名\t数量\t単位\nAB-100\tボルト M8\t500\t個\nAB-101\tナット M8\t500\t個\n",
        [500, 500],
    ),
    "Chinese heads": (
        "| 序号 | 名称 | 规格 | 数量 | 单位 |\n| 1 | 球阀 | DN50 | 20 | 只 |\n| 2 | 闸阀 | DN80 | 8 | 只 |\n",
        [20, 8],
    ),
    "Russian heads and a sum": (
        "Просим КП:\n№   Наименование            Кол-во  Ед.\n1   Подшипник 6204-2RS      40      шт\n2   Подшипник 6305          25      шт\n3   Сальник 40х60х10        100     шт\nИтого                       165\n",
        [40, 25, 100],
    ),
    "Arabic heads and digits": (
        "م\tالوصف\tالكمية\tالوحدة\n١\tصمام بوابة DN50\t٢٠\tقطعة\n٢\tصمام كروي DN25\t٤٥\tقطعة\n",
        [20, 45],
    ),
    "blocks of labels": ("Part: V-20\nQty: 40\n\nPart: V-21\nQty: 60\n", [40, 60]),
    "labels in one line": ("Part: V-20 / Qty: 40\nPart: V-30 / Qty: 15\n", [40, 15]),
    "labels between commas": (
        "P/N: V-20, Description: gate valve, Quantity: 40 pcs\nP/N: V-30, Description: ball valve, Quantity: 15 pcs\n",
        [40, 15],
    ),
    "French labels": (
        "Désignation : roulement 6204\nRéférence : SK-6204\nQuantité : 1 200\n\nDésignation : joint 40x60\nRéférence : JT-40\nQuantité : 300\n",
        [1200, 300],
    ),
    "numbered lines": (
        "1. V-20 gate valve - 40 pcs\n2. V-21 gate valve - 12 pcs\n3. V-22 ball valve - 7 pcs\n",
        [40, 12, 7],
    ),
    "times": ("40 x V-20 gate valve\n12 x V-21 gate valve\n7 x V-22 ball valve\n", [40, 12, 7]),
    "bullets and colons": ("- V-20 gate valve: 40\n- V-21 gate valve: 12\n- V-22 ball valve: 7\n", [40, 12, 7]),
    "brackets": ("a) V-20 gate valve (40 pcs)\nb) V-21 gate valve (12 pcs)\nc) V-22 ball valve (7 pcs)\n", [40, 12, 7]),
    "JSON in prose": (
        'here it is:\n[\n  {"partNumber": "A-1", "description": "bolt", "orderQty": 40, "uom": "EA"},\n  {"partNumber": "A-2", "description": "nut", "orderQty": 1250.5, "uom": "KG"}\n]\nthx',
        [40, 1250.5],
    ),
    "objects in single quotes": ("items: [{'pn': 'A-1', 'qty': 40}, {'pn': 'A-2', 'qty': 50},]", [40, 50]),
    "nested JSON": (
        '{"order":{"lines":[{"article":{"no":"A1"},"description":"pipe","quantity":{"value":5,"unit":"m"}},{"description":"elbow","quantity":{"value":9,"unit":"pcs"}}]}}',
        [5, 9],
    ),
    "HTML with merged cells": (
        "<p>Hi</p><table><tr><th>Item</th><th>Size</th><th>Qty</th><th>Note</th></tr><tr><td rowspan=2>Gate valve</td><td>DN50</td><td>4</td><td></td></tr><tr><td>DN80</td><td>6</td><td>urgent</td></tr><tr><td>Ball valve</td><td>DN25</td><td>12</td><td></td></tr><tr><td colspan=2>Total</td><td>22</td><td></td></tr></table>",
        [4, 6, 12],
    ),
    "ditto marks": (
        '<table><tr><td>Teil</td><td>Größe</td><td>Stück</td></tr><tr><td>Schelle</td><td>40</td><td>100</td></tr><tr><td>"</td><td>50</td><td>200</td></tr></table>',
        [100, 200],
    ),
    "sizes across": (
        "Arbeitshandschuhe und Jacken:\nArtikel\tS\tM\tL\tXL\nHandschuh H-1\t10\t40\t40\t10\nJacke J-2\t5\t20\t25\t\n",
        [10, 40, 40, 10, 5, 20, 25],
    ),
    "sizes across, aligned by blanks": (
        "          M6    M8    M10\nA2-70    500   800    200\nA4-80    100     -    300\n",
        [500, 800, 200, 100, 300],
    ),
    "turned by a quarter": (
        "Part no | V-20 | V-21 | V-22\nQty | 40 | 12 | 7\nMaterial | CS | 316 | brass\n",
        [40, 12, 7],
    ),
    "a column per price break": (
        "Part\tDescription\tQty 1\tQty 2\tQty 3\nA-1\tbolt\t100\t500\t1000\nA-2\tnut\t200\t400\t800\n",
        [100, 500, 1000, 200, 400, 800],
    ),
    "prices beside": ("Item;Qty;Unit price;Total\nBolt M8;100;0.25;25.00\nNut M8;200;0.10;20.00\n", [100, 200]),
    "prices beside, no head": ("Bolt M8;100;0,25;25,00\nNut M8;200;0,10;20,00\n", [100, 200]),
    "Polish heads and a sum": (
        "Lp.;Indeks;Nazwa;Ilość;J.m.\n1;X-1;Śruba M8;1 000;szt\n2;X-2;Nakrętka M8;2 500;szt\nRazem;;;3 500;\n",
        [1000, 2500],
    ),
    "a row that goes on": (
        "Pos\tBezeichnung\tMenge\n1\tFlansch DN50 PN16\t4\n\tmit Dichtleiste Form B1\t\n2\tRohrbogen 90°\t8\n",
        [4, 8],
    ),
    "page breaks": (
        "No | Description | Qty\n1 | bolt | 10\n2 | nut | 20\nPage 1 of 2\nNo | Description | Qty\n3 | washer | 30\nPage 2 of 2\n",
        [10, 20, 30],
    ),
    "quantity first": (
        "Qty  Part        Description\n40   V-20        gate valve\n12   V-21        gate valve DN80\n7    V-22        ball valve\n",
        [40, 12, 7],
    ),
    "two tables": ("Item\tQty\nbolt\t10\nnut\t20\nTools:\nTool\tQuantity\nhammer\t2\nsaw\t3\n", [10, 20, 2, 3]),
    "ranges": ("Item;Qty\nbolt;100-150\nnut;ca. 200\n", [100, 200]),
    "three decimals": (
        "Material      Kurztext             Menge      ME\n100023456     Dichtring 40         1.200,000  ST\n100023457     Dichtring 50         40,000     ST\n",
        [1200, 40],
    ),
    "a unit as head": ("Artikel-Nr.;Bezeichnung;Stück\n4711;Schraube;25\n4712;Mutter;50\n", [25, 50]),
    "heads in words that nobody knows": (
        "foo\tbar\tbaz\nA-1\tvarztas\t40\nA-2\tverzle\t50\nA-3\tx y\t60\n",
        [40, 50, 60],
    ),
    "nothing wanted": ("Part,Qty\nA-1,0\nA-2,5\nA-3,-\nA-4,7\n", [5, 7]),
    "dots up to the number": ("bolt M8 ........... 40\nnut M8 ............ 50\nwasher ............ 60\n", [40, 50, 60]),
    "HTML list": (
        "<ul><li>40 pcs gate valve V-20</li><li>12 pcs ball valve V-22</li><li>3 pcs strainer</li></ul>",
        [40, 12, 3],
    ),
    "units in cells": (
        "Description | Quantity\nCable 3x2.5 | 500 m\nGland M20 | 40 pcs.\nTray | 12 lengths of 3 m\n",
        [500, 40, 12],
    ),
    "signature behind": (
        "Item\tQty\nbolt\t10\nnut\t20\n\nBest regards\nJohn Doe\nAcme | Street 5 | 1234 Town\n",
        [10, 20],
    ),
    "old and new quantity": ("Part\tOld qty\tNew qty\nA-1\t10\t15\nA-2\t20\t25\n", [15, 25]),
    "stock beside": ("Part;Description;Stock;Order\nA-1;bolt;100;40\nA-2;nut;5;60\n", [40, 60]),
    "a date beside": ("Part,Qty,Required date\nA-1,40,2027-03-01\nA-2,50,2027-03-08\n", [40, 50]),
    "bare numbers in front": (
        "1 V-20 gate valve 40 pcs\n2 V-21 gate valve 12 pcs\n3 V-22 ball valve 7 pcs\n",
        [40, 12, 7],
    ),
    "bullets with different units": ("• 30 Stk. Rohr 40x3\n• 12 m Kabel 3x1,5\n• 4 Stk. Schelle\n", [30, 12, 4]),
    "a size and a quantity": ("Flansche nach DIN 2633:\nDN\tMenge\n50\t10\n80\t20\n100\t5\n", [10, 20, 5]),
    "a name over two lines": (
        "Item  Description                    Qty\n1     Control cabinet, painted       2\n      RAL 7035, with plinth\n2     Cable duct                     40\n",
        [2, 40],
    ),
    "Hebrew heads": ("מס'\tתיאור\tמק\"ט\tכמות\n1\tבורג M8\tA-1\t40\n2\tאום M8\tA-2\t50\n", [40, 50]),
    "Thai heads and digits": ("ลำดับ\tรายการ\tจำนวน\tหน่วย\n๑\tวาล์ว DN50\t๒๐\tตัว\n๒\tข้อต่อ\t๔๐\tตัว\n", [20, 40]),
    "Vietnamese heads": (
        "STT\tTên hàng\tSố lượng\tĐVT\n1\tBu lông M8\t1.000\tcái\n2\tĐai ốc M8\t1.000\tcái\n",
        [1000, 1000],
    ),
    "off": ("12 off brackets BR-1\n4 off brackets BR-2\n20 off clamps\n", [12, 4, 20]),
    "YAML": ("items:\n- part: A-1\n  qty: 40\n- part: A-2\n  qty: 50\n", [40, 50]),
    "tab remark empty mid": (
        "Pos\tTeil\tMenge\tBemerkung\n1\tWelle W-1\t5\t\n2\tRad R-2\t\tMenge folgt\n3\tBolzen B-3\t7\teilt\n",
        [5, 7],
    ),
    "pipe no edges": ("Part | Qty | Unit\nA-1 | 5 | pcs\nA-2 | 7 | m\n", [5, 7]),
    "box drawing": (
        "┌────┬──────┬─────┐\n│ No │ Item │ Qty │\n├────┼──────┼─────┤\n│ 1  │ bolt │ 40  │\n│ 2  │ nut  │ 50  │\n└────┴──────┴─────┘\n",
        [40, 50],
    ),
    "plus ruler": (
        "+----+------+-----+\n| No | Item | Qty |\n+----+------+-----+\n| 1  | bolt | 40  |\n+----+------+-----+\n| 2  | nut  | 50  |\n+----+------+-----+\n",
        [40, 50],
    ),
    "two head rows": ("Pos\tPart\tQuantity\tPrice\n\t\t(pcs)\t(EUR)\n1\tA-1\t40\t\n2\tA-2\t50\t\n", [40, 50]),
    "matrix kw": ("Artikel\tKW 10\tKW 12\tKW 14\nA-1\t100\t100\t50\nA-2\t20\t-\t20\n", [100, 100, 50, 20, 20]),
    "matrix dn": ("Quantities:\n\tDN25\tDN50\tDN80\nBall valve\t4\t10\t2\nGate valve\t-\t6\t1\n", [4, 10, 2, 6, 1]),
    "group titles": (
        "Item | Description | Qty\nA. Valves | | \n1 | gate valve | 4\n2 | ball valve | 6\nB. Fittings | | \n3 | elbow | 40\nSubtotal | | 50\n",
        [4, 6, 40],
    ),
    "carried": (
        "Lp\tNazwa\tIlość\n1\tśruba\t10\n2\tnakrętka\t20\nDo przeniesienia\t\t30\nZ przeniesienia\t\t30\n3\tpodkładka\t5\n",
        [10, 20, 5],
    ),
    "qty unit joined": ("Bezeichnung;Menge\nRohr;12m\nBogen;4Stk\nKabel;250 lfm\n", [12, 4, 250]),
    "qty words unit": (
        "Artículo;Cantidad\nTornillo M8;500 uds.\nTuerca M8;500 uds.\nCable;1.000 mts\n",
        [500, 500, 1000],
    ),
    "pt": ("Item\tDescrição\tQtde\tUn\n1\tRolamento 6204\t40\tpç\n2\tCorreia A42\t12\tpç\n", [40, 12]),
    "it gap": (
        "Codice        Descrizione              Q.tà    UM\nAB100         Vite TE M8x40            1.000   pz\nAB200         Dado M8                  1.000   pz\n",
        [1000, 1000],
    ),
    "tr": ("Sıra;Malzeme Adı;Malzeme Kodu;Miktar;Birim\n1;Rulman;6204;40;adet\n2;Kayış;A42;12;adet\n", [40, 12]),
    "hu": ("Sorszám;Megnevezés;Mennyiség;Egység\n1;Csapágy 6204;40;db\n2;Szíj A42;12;db\n", [40, 12]),
    "el": ("Α/Α;Περιγραφή;Ποσότητα;Μ.Μ.\n1;Βαλβίδα DN50;4;τεμ\n2;Φλάντζα DN50;8;τεμ\n", [4, 8]),
    "ko": ("순번\t품명\t규격\t수량\t단위\n1\t볼트\tM8x40\t500\t개\n2\t너트\tM8\t500\t개\n", [500, 500]),
    "hi": ("क्रम\tविवरण\tमात्रा\n1\tवाल्व DN50\t२०\n2\tपाइप\t४०\n", [20, 40]),
    "id": ("No;Nama Barang;Jumlah;Satuan\n1;Baut M8;500;pcs\n2;Mur M8;500;pcs\n", [500, 500]),
    "fa": ("ردیف\tشرح\tتعداد\n۱\tشیر DN50\t۲۰\n۲\tلوله\t۴۰\n", [20, 40]),
    "json head rows": ('{"columns":["part","qty"],"rows":[["A-1",40],["A-2",50]]}', [40, 50]),
    "json str qty": (
        '[{"Artikel":"Schraube","Menge":"1.000 Stk"},{"Artikel":"Mutter","Menge":"250 Stk"}]',
        [1000, 250],
    ),
    "json lines": (
        '{"sku":"A-1","quantity":40}\n{"sku":"A-2","quantity":50}\n{"sku":"A-3","quantity":60}\n',
        [40, 50, 60],
    ),
    "kv eq": ("part=A-1; qty=40\npart=A-2; qty=50\n", [40, 50]),
    "kv jp": ("品番：AB-100\n数量：500個\n\n品番：AB-101\n数量：300個\n", [500, 300]),
    "kv item n": (
        "Item 1:\nDescription: gate valve\nQuantity: 4\nItem 2:\nDescription: ball valve\nQuantity: 6\n",
        [4, 6],
    ),
    "name qty lines": ("Gate valve DN50\nQty: 4\nBall valve DN25\nQty: 6\nStrainer DN50\nQty: 2\n", [4, 6, 2]),
    "dash qty": ("V-20 gate valve – 40\nV-21 gate valve – 12\nV-22 ball valve – 7\n", [40, 12, 7]),
    "arrow": ("V-20 → 40\nV-21 → 12\nV-22 → 7\n", [40, 12, 7]),
    "eq": ("V-20 = 40 pcs\nV-21 = 12 pcs\nV-22 = 7 pcs\n", [40, 12, 7]),
    "x tail": ("V-20 gate valve x 40\nV-21 gate valve x 12\nV-22 ball valve x 7\n", [40, 12, 7]),
    "x tail2": ("V-20 gate valve x40\nV-21 gate valve x12\nV-22 ball valve x7\n", [40, 12, 7]),
    "40x": ("40x V-20\n12x V-21\n7x V-22\n", [40, 12, 7]),
    "qty first comma": ("40, V-20, gate valve\n12, V-21, gate valve DN80\n7, V-22, ball valve\n", [40, 12, 7]),
    "qty first tab": ("40\tV-20\tgate valve\n12\tV-21\tgate valve\n7\tV-22\tball valve\n", [40, 12, 7]),
    "code qty space": ("RT-1007 300\nRT-1008 50\nRT-1009 25\n", [300, 50, 25]),
    "code qty colon": ("RT-1007: 300\nRT-1008: 50\nRT-1009: 25\n", [300, 50, 25]),
    "csv space": ("Part, Description, Qty\nA-1, bolt, 40\nA-2, nut, 50\n", [40, 50]),
    "csv dec comma pt": ("item,qty,unit\nsteel sheet,2.5,t\nrod,0.75,t\n", [2.5, 0.75]),
    "csv quoted lines semicolon": ('"Pos";"Text";"Menge"\n"1";"Rohr; verzinkt";"12"\n"2";"Bogen";"4"\n', [12, 4]),
    "excel trailing": ("Item\tQty\t\t\nbolt\t40\t\t\nnut\t50\t\t\n", [40, 50]),
    "excel title rows": (
        "Purchase enquiry 4711\t\t\nDate:\t12.11.2026\t\nPos\tDescription\tQty\n1\tbolt\t40\n2\tnut\t50\n",
        [40, 50],
    ),
    "html nested p": (
        "<table><tr><td><p>Part</p></td><td><p>Qty</p></td></tr><tr><td><p>A-1</p></td><td><p>40</p></td></tr><tr><td><p>A-2</p></td><td><p>1&nbsp;250</p></td></tr></table>",
        [40, 1250],
    ),
    "html layout": (
        "<table><tr><td><img src=x></td><td><table><tr><th>Part</th><th>Qty</th></tr><tr><td>A-1</td><td>40</td></tr><tr><td>A-2</td><td>50</td></tr></table></td></tr></table>",
        [40, 50],
    ),
    "html colspan group": (
        "<table><tr><th>Part</th><th>Desc</th><th>Qty</th></tr><tr><td colspan=3>Group A</td></tr><tr><td>A-1</td><td>bolt</td><td>40</td></tr><tr><td colspan=3>Group B</td></tr><tr><td>B-1</td><td>nut</td><td>50</td></tr></table>",
        [40, 50],
    ),
    "html pos rowspan": (
        "<table><tr><th>Pos</th><th>Part</th><th>Size</th><th>Qty</th></tr><tr><td rowspan=3>1</td><td rowspan=3>Clamp</td><td>20</td><td>5</td></tr><tr><td>30</td><td>6</td></tr><tr><td>40</td><td>7</td></tr></table>",
        [5, 6, 7],
    ),
    "qty range pm": ("Part;Qty\nA-1;100 - 200\nA-2;50 to 80\n", [100, 50]),
    "qty breaks cell": ("Part;Qty\nA-1;100/500/1000\nA-2;50/100\n", [100, 500, 1000, 50, 100]),
    "weight col": ("Teil;Gewicht kg;Menge\nA-1;2,5;40\nA-2;3,1;50\n", [40, 50]),
    "ref number col": ("Ref;Description;Qty;Drawing\n2500-17;bolt;40;D-1\n2500-18;nut;50;D-2\n", [40, 50]),
    "item no text": ("Item No.\tItem\tQty\nVX-1\tvalve\t4\nVX-2\tpump\t5\n", [4, 5]),
    "line dates": ("Line;Part;Qty;Delivery\n1;A-1;40;12.03.2027\n2;A-2;50;19.03.2027\n", [40, 50]),
    "signature num": ("10 pcs bolt\n20 pcs nut\n30 pcs washer\nTel. 030 12345\nHauptstr. 12\n", [10, 20, 30]),
    "ocr gap": (
        "Pos   Text            Menge\n 1    Welle           12\n 2    Lager 6204       4 St\n 3    Ring            30\n",
        [12, 4, 30],
    ),
    "indented code": ("  - 12 x M8x40 bolt, zinc plated\n  - 24 x M8 nut\n  - 24 x M8 washer\n", [12, 24, 24]),
    "mixed front": ("12 pcs bolt M8\n3 m cable\n1 set tools\n", [12, 3, 1]),
    "cyr front": ("40 шт. подшипник 6204\n12 шт. ремень А42\n7 шт. сальник\n", [40, 12, 7]),
    "zh front": ("球阀 DN50 20只\n闸阀 DN80 8只\n过滤器 DN50 4只\n", [20, 8, 4]),
    "ja tail": ("ボルト M8：500個\nナット M8：500個\nワッシャー：1,000枚\n", [500, 500, 1000]),
    "pages2": (
        "Seite 1\nPos;Teil;Menge\n1;A;10\n2;B;20\nÜbertrag;;30\nSeite 2\nÜbertrag;;30\nPos;Teil;Menge\n3;C;30\n",
        [10, 20, 30],
    ),
    "negative": ("Part;Qty\nA-1;-5\nA-2;4\n", [4]),
    "fraction": ("Part;Qty\nA-1;1/2\nA-2;4\n", [4]),
    "tail dot": ("Ventil V-20, 40 Stück.\nVentil V-21, 12 Stück.\nVentil V-22, 7 Stück.\n", [40, 12, 7]),
    "long names": (
        "1) Stainless steel ball valve, full bore, PN40, DN25, with lever - 4 pcs\n2) Strainer Y-type, PN16, DN50, mesh 0.5 mm - 2 pcs\n3) Check valve, dual plate, DN100 - 1 pc\n",
        [4, 2, 1],
    ),
}

# What looks like a list and asks for nothing.
NONE: tuple[str, ...] = (
    "Ship to:\nHauptstr. 12\n12345 Berlin\nGermany\n",
    "- Pressure: 16 bar\n- Flow: 30 m3/h\n- Stages: 4\n- Poles: 2\n",
    "1. Please quote within 5 days.\n2. Delivery to 3 sites.\n3. Payment 30 days net.\n",
    "Mon 08:00 - 16:00\nTue 08:00 - 16:00\nWed 08:00 - 12:00\n",
    "Tel: 030 1234567\nFax: 030 1234568\nMobile: 0170 1234567\n",
    "Delivery 1: 12.03.2027\nDelivery 2: 19.03.2027\nDelivery 3: 26.03.2027\n",
    "Model;Price EUR\nX-1;120\nX-2;150\n",
    "Parameter | Value | Unit\nFlow | 30 | m3/h\nHead | 40 | m\nPower | 15 | kW\n",
    "We are:\n- 20 employees\n- 3 sites\n- 5 years old\n",
)
