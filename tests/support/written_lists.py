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
}
