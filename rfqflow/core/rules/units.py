"""Units in which goods are ordered, in the languages of the trade, and what they have in common.

Units that only describe (mm, bar, kW) are here too: a number before one is no quantity.
"""

from rfqflow.core.rules.text import plainest

_COUNT = {
    "pc": "pc pcs pce pces piece pieces ea each no nos off unit units unt u ud uds stk stck stuck "
    "stucke stucker stueck st stuks stuk szt sztuk"
    " sztuki sztuka adet ad tane piece pieces pz pzs pezzo pezzi pza pzas pieza piezas "
    "unidad unidades un unid unds peca pecas pc pcs kus"
    " kusy kusu ks styck stycken unite unites unita darab db kpl. 个 個 個 件 台 只 支 根 条 "
    "本 基 枚 面 片 개 대 本 ea. قطعة قطع وحدة عدد 只 颗 部 组",
    "set": "set sets kit kits satz satze saetze jeu jeux juego juegos kpl komplet komplety "
    "kompletow kompletu takim set conjunto conjuntos sada"
    " sady sad sats satser serie 套 セット 세트 벌 طقم",
    "pair": "pair pairs pr prs paar paare paire paires pares paio paia pary cift paru 双 雙 켤레 对",
    "lot": "lot lots ls job",
}
_PACK = {
    "sheet": "sheet sheets tafel tafeln blechtafel blechtafeln plaat platen feuille feuilles tole "
    "toles chapa chapas plancha planchas lastra lastre"
    " foglio fogli arkusz arkusze arkuszy levha platar skiva skivor tabule tabuli 张 張 장 لوح ألواح",
    "roll": "roll rolls rolle rollen rouleau rouleaux rollo rollos rotolo rotoli rol rolka rolki "
    "rolek rulo rulle rullar role rolo rolos 卷 롤 巻",
    "reel": "reel reels spool spools spule spulen bobine bobines bobina bobinas bobine trommel "
    "trommeln haspel haspels szpula szpule szpul",
    "coil": "coil coils",
    "box": "box boxes bx carton cartons ctn ctns karton kartons kartonow case cases kiste kisten "
    "caja cajas boite boites scatola scatole doos pudelko"
    " pudelek kutu koli caixa caixas lada lador krabice krabic crate crates 箱 박스 ケース ダース صندوق",
    "bag": "bag bags sack sacke saecke sacks sac sacs saco sacos sacco sacchi zak zakken worek "
    "worki workow cuval torba sack sackar pytel pytle 袋 포대 كيس أكياس",
    "drum": "drum drums fass fasser faesser fut futs bidon bidones fusto fusti vat vaten beczka "
    "beczki beczek tambor tambores varil barrel barrels"
    " sud sudy sudu 桶 통 ドラム برميل",
    "ibc": "ibc ibcs ibc's totes tote",
    "pallet": "pallet pallets plt plts palette paletten europalette europaletten palettes pale pales "
    "palet palets bancale bancali paleta palety palet"
    " paletas palete paletes pall pallar 托盘 パレット 팔레트",
    "bundle": "bundle bundles bund bunde fardo fardos fascio fasci pakiet",
    "length": "length lengths stange stangen staven pretow stanger",
    "can": "can cans dose dosen kanister lata latas bidons jerrican jerrycan pail pails bucket "
    "buckets eimer seau seaux cubo cubos secchio kova 罐 缶 캔",
    "bottle": "bottle bottles flasche flaschen bouteille bouteilles botella botellas bottiglia "
    "bottiglie fles flessen butelka butelek sise garrafa 瓶 병 本",
    "cartridge": "cartridge cartridges kartusche kartuschen cartouche cartouches cartucho cartuchos",
    "truckload": "truckload truckloads ftl",
}
_MEASURE = {
    "m": "m mtr mtrs mtrs. meter meters metre metres metern lfm lfdm lm rm mb rmt mts metro "
    "metros metri metrow metru metra metr metru 米 미터 メートル متر lfd.m",
    "km": "km kilometer kilometre kilometres kilometers",
    "ft": "ft feet foot lf lft pies piedi",
    "yd": "yd yds yard yards",
    "m2": "m2 m² sqm qm ㎡ mq m^2 quadratmeter m.kw 平方米 平米 평방미터",
    "ft2": "ft2 sqft sf ft² sq.ft",
    "m3": "m3 m³ cbm cum m^3 kubikmeter ㎥ 立方米 立方",
    "l": "l ltr ltrs lt lts liter liters litre litres litro litros litri litrow litru 升 リットル 리터 لتر",
    "gal": "gal gals gallon gallons",
    "yd3": "cy yd3 cuyd",
    "kg": "kg kgs kilo kilos kilogram kilograms kilogramm chili 公斤 千克 キロ 킬로 كغ كجم",
    "t": "t to ton tons tonne tonnes mt tonnen tonnellata tonnellate tonelada toneladas ton. tony tun 吨 噸 トン 톤 طن",
    "lb": "lb lbs pound pounds libras",
    "g": "g gr gram grams gramm",
    "cwt": "cwt",
}
_DESCRIBING = (
    "ppr psf ksi kip kips mph km/h knots hl hl/h bpm pph tph scfm acfm nl ul lux kva/phase "
    "vac vdc dc ac ohms watt watts volt volts amp amps ampere hertz inhg in-lb nm2 tons/h "
    "micron microns mikron"
    " "
    "mm cm dm µm um nm inch inches in zoll pouces pouce pulgadas cali bar mbar psi kpa mpa "
    "pa kw w mw kwh kwp kwe hp ps cv v kv mv a ma ka ah mah va kva mva hz khz mhz ghz"
    " ohm ω nm n kn mn j c k °c °f grad rpm min-1 u/min db dba lm lux lx cd gsm ppm mesh µ "
    "bit mbit mbps gb tb mb kb dpi"
    " m/s m/min l/h l/min l/s lpm gpm m3/h m³/h m3/d nm3/h cfm kg/h t/h kg/m g/m2 g/m² kg/m3 "
    "n/mm2 n/mm² hb hrc hv shore mm2 mm² sqmm cm2 cm² awg mil"
    " cst cp mpas ph tr/min percent prozent % °"
)
_TIME = (
    "day days week weeks month months mth mths year years yr yrs hour hours hr hrs h minute "
    "minutes min mins second seconds sec s am pm uhr"
    " tag tage tagen woche wochen monat monate monaten jahr jahre jahren stunde stunden std "
    "minuten sekunden arbeitstage werktage kw"
    " jour jours semaine semaines mois an ans annee annees heure heures dia dias semana "
    "semanas mes meses ano anos hora horas minutos"
    " giorno giorni settimana settimane mese mesi anno anni ora ore minuti dag dagen week "
    "weken maand maanden jaar uur dni dzien tydzien tygodnie tygodni"
    " miesiac miesiace miesiecy rok lata lat godzin godziny gun hafta ay yil saat dakika "
    "dagar vecka veckor manad manader ar timmar dny tyden tydny tydnu mesic mesice"
    " mesicu roku let hodin jahrlich a.m p.m noon nights night shifts shift schichten times "
    "mal fois veces volte keer razy kez"
    " 天 日 周 年 月 小时 分钟 时 週間 ヶ月 か月 カ月 時間 일 주 개월 년 시간 주일 أيام "
    "أسابيع أسبوع شهر أشهر سنة"
)
_MONEY = (
    "eur euro euros usd dollar dollars gbp pounds sterling chf sek nok dkk pln zl zloty czk "
    "kc try tl lira jpy yen cny rmb inr rs brl aud cad"
    " € $ £ ¥ kr p.a 元 円 원"
)


def _table(units: dict[str, str]) -> dict[str, str]:
    return {plainest(word).rstrip("."): canonical for canonical, words in units.items() for word in words.split()}


COUNTS = {**_table(_PACK), **_table(_COUNT)}
MEASURES = _table(_MEASURE)
DESCRIBING = frozenset(plainest(word) for word in _DESCRIBING.split())
TIME = frozenset(plainest(word) for word in _TIME.split())
MONEY = frozenset(plainest(word) for word in _MONEY.split())


def canonical(unit: str | None) -> str:
    """The one name all spellings of a unit share. A counted noun (`cranes`) says no more than no unit: `pc`."""
    folded = plainest(unit or "").strip(" .")
    return COUNTS.get(folded) or MEASURES.get(folded) or "pc"
