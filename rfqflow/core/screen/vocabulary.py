"""Single words of advertising and fraud, in many languages: one proves nothing, many together do.

A genuine request has some of them too, but hardly many, and it asks for something. Folded, separated by commas.
"""
# ruff: noqa: RUF001 - letters of many languages are what this module is about

NAMING = {
    "seo": (
        "seo, google, keyword*, blog*, yandex, яндекс*, baidu, 百度, جوجل, 구글, 네이버, outreach, serp, adwords, ranking*, meta tags"
        ", visitors, indexed, crawl*, mobile loading, search engines, search results, search visitors, google ads, facebook ads"
        ", permanent link, author bio, freelance writer, readers, unique topic*, article*, inbound link*, external link"
        ", suchmaschine*, besucher, sichtbar*, rangliste, schlusselworter, moteurs de recherche, visiteurs, mots cles"
        ", buscadores, visitantes, palabras clave, motori di ricerca, nelle ricerche, visitatori, parole chiave"
        ", buscas, mecanismos de busca, zoekmachine*, bezoekers, gastartikel*, plaatsingen, wyszukiwark*, odwiedzin*"
        ", реклам*, интернет*, контекстн*, директ, internette, gorunur, arama sonuc*, sokmotor*, besokare, vyhledavac*"
        ", navstevnik*, motoare de cautare, 推广, 排名, 搜索, 关键词, 曝光, 検索, アクセス, 広告, 1페이지, 체험단, 리뷰, 광고, 노출, 상위, البحث, اعلانات"
    ),
    "web": (
        "mobile app, custom crm, hosting, dominio, domena, web agency, digital agency, marketing agency, wordpress, shopify, website*, web site, webdesign, web design, laravel, homepage*, hemsida*, hjemmeside*, web page*"
        ", landing page*, social media, online shop, app development, branding, logo*, hosting, webshop*, e commerce"
        ", internetauftritt, webseite*, internetseite*, soziale medien, site web, site internet, sites internet"
        ", reseaux sociaux, pagina web, una web, redes sociales, tienda online, sito web, sito nuovo, il sito, tuo sito"
        ", site novo, loja virtual, redes sociais, pagina de voces, nieuwe website, strona www, stron internetow*, facebook*"
        ", сайт*, соцсет*, web site*, web tasarim*, sosyal medya, novy web, webov*, webdesign, site nou, trang web"
        ", 网站, 网页, 小程序, ホームページ, リニューアル, サイト制作, 動画の制作, 홈페이지, 인스타*, 블로그, موقع الكتروني, مواقع, موقعك"
    ),
    "marketing": (
        "agency, agencia, agence, agenzia, bureau, ajans, agentur, consultant*, competitors, traffic, trafic, trafico, traffico, marketing, advert*, campaign*, promo, promotion*, growth, grow, revenue, sales, deals, pipeline, prospects, leads"
        ", conversion*, customers, new clients, clients, audience, engagement, newsletter, automation tool, crm, sdr, ai tool"
        ", sales conversations, follow up by itself, appointments, conversations, kampagne*, werbung, kunden, neukunden, umsatz"
        ", auftrage, anfragen, planbar, automatisch*, publicite, clients, chiffre d affaires, prospects, campagne*, clientes"
        ", ventas, publicidad, campana*, clienti, fatturato, vendite, pubblicita, faturamento, vendas, anuncios, disparos"
        ", klanten, omzet, reclame, klient*, sprzedaz*, zapytan miesiecznie, kampani*, клиент*, заказчик*, продаж*"
        ", musteri*, satislar*, reklam*, kunder, forsaljning, zakaznik*, zakazek, reklamu, clienti, vanzari"
        ", khach hang, quang cao, 客户, 营销, 获客, 広告, 集客, 求人, 売上, 고객, 매출, 홍보, 마케팅, عملاء, تسويق, مبيعات"
    ),
    "finance": (
        "loan*, lender*, lending, financing, funding, funded, credit, kredit*, underwriter*, repayment*, repay, collateral"
        ", approved, approval, weekly payments, capital, cash, bank refuse*, refinanc*, mortgage, invest*, profit*, returns"
        ", dividend*, bonitat, finanzier*, sicherheiten, zinsen, rendite*, darlehen, geld, pret, prets, credit, credits, banque"
        ", rembours*, octroyons, interet*, prestamo*, credito*, interes, financi*, inversion*, prestit*, tasso, finanziam*"
        ", emprestimo*, juros, lening*, rente, geld, pozyczk*, kredyt*, gotowk*, oprocentowan*, кредит*, займ*, деньги"
        ", кредитной истории, процент*, инвестиц*, доход*, kredi*, faiz*, nakit, yatirim*, lan pa, ranta, pujck*, uver*, imprumut*"
        ", dobanda, kolcson*, laina, pinjaman*, vay, lai suat, 贷, 征信, 额度, 利率, 年化, 到账, 资金需求, 投资, 理财, 融資, 金利, 投資"
        ", 대출, 금리, 자금, 투자, 수익, قرض, قروض, تمويل, استثمار, ارباح*, ربح"
    ),
    "crypto": (
        "bitcoin*, btc, crypto*, krypto*, usdt, ethereum, eth, forex, nft, trading, trader*, token, wallet*, blockchain, binance"
        ", coin, coins, defi, 40x, 100x, 比特币, 加密货币, 仮想通貨, 비트코인, 코인, بيتكوين, التداول, تداول, биткоин*, криптo*, крипт*"
    ),
    "gambling": (
        "casino*, betting, bet, bets, jackpot, lottery, poker, slots, roulette, blackjack, spins, live dealers, dealers, bingo"
        ", gambling, wager, odds, cash out, wetten, gluckspiel, ruleta, apuesta*, cuotas, roulette, scommess*, apostas"
        ", aposta, gokken, zaklady, kasyno, казино, ставк*, рулетк*, bahis, iddaa, rulet, kasino, pariuri, judi, slot, taruhan"
        ", 赌, 彩票, 投注, 棋牌, カジノ, 스포츠토토, 배팅, 도박, رهان, كازينو"
    ),
    "health": (
        "pharmacy, pills, pill, tablets, cbd, vape, hemp, cannabis, supplement*, belly fat, joint pain, blood sugar, doctor"
        ", prescription, diet, detox, libido, blue tablets, miracle, scientists, melts fat, fat overnight, cure, remedy"
        ", abnehmen, potenz*, regime, minceur, dieta, perder, dimagr*, emagrec*, afslank*, odchudz*, похуд*, zayifla*"
        ", 减肥, 保健品, 痩せ, 다이어트, تخسيس, amarres, maestro, brujeria, spells, spell caster, psychic, voodoo, voyant, marabout"
    ),
    "adult": "adult, sexy, dating, cam, sex, 18+, her happy, girls, lonely, tonight, single women, flirt, singles, hot",
    "reviews": "instagram, tiktok, youtube, followers, likes, trustpilot, glassdoor, 5 star, five star, reviews, aged accounts, subscribers",
    "lists": (
        "sap, oracle, salesforce, target titles, mailing address, contacts, database*, prospects, mailing, registrants, records available, attendees, business email, linkedin, records, contact information, decision maker*"
        ", data sets, cnpjs, planilha, bases de datos, base de donnees, adressen, datenbank, baza danych, базы, veritabani"
        ", 名录, 名单, 数据, リスト, 디비"
    ),
    "luxury": "gucci, prada, rolex, louis, chanel, hermes, outlet sale, aaa grade, copies, submariner, handbags, jerseys, dior, omega watches",
    "scam": (
        "barrister, attorney, heir, surname, plane crash, top secret, beneficiary, million usd, late client, widow, inherit*"
        ", administration fee, shortlisted, trophy, nominated, award, certificate is issued, register your brand, brand name"
        ", encrypted document, sign in, your password, password, link expires, expires today, encrypted, mailbox, gift card*"
        ", legitimate owner, object, registration, connect your wallet, free gift, selected winner, renewal, branchenverzeichnis"
        ", eintrag*, jahresgebuhr, letzte erinnerung, registre des entreprises, annuaire, heredero, abogado, eredita, avvocato"
        ", herdeiro, advogado, erfgenaam, spadkobierc*, наследник*, адвокат*, mirasci, avukat, 律师, 中奖, 弁護士, 상속, محامي"
    ),
    "services": (
        "bookkeeping, data entry, customer support, assistants, freelancer*, virtual assistant*, outsourc*, welders, fitters, operators from, hourly rate, accommodation arranged, staffing"
        ", recruitment, candidates, energy supplier*, gas and electricity, latest bill, overcharged, refund, compare, fba"
        ", freight, forwarder, sea freight, air freight, our rates, customs included, weekly sailings, door to door, ddp, certified in"
        ", iso certified, no visits, online course, training course, webinar, insurance, personal*, fachkrafte, zeitarbeit*"
        ", stromanbieter, intérimaires, energiekosten, subcontract*, монтажник*, 货代, 海运, 空运, 双清, 包税, 派遣, 대행, 인력"
    ),
}
OFFERING = (
    "we supply experienced, we can supply, we produce all, we produce, we provide, we offer, we fix, we compare, we help, we deliver"
    ", we build, we create, we take care, we guarantee, we arrange, we buy and, we write, we do everything, our system, our ai, our software"
    ", our platform, our clients, our customers, teams like yours, companies like yours, businesses like yours, firms like yours"
    ", small manufacturers, happy firms, happy customers, happy clients, want me to, want to ship, want more, worth a chat"
    ", would you like to purchase, would you like more, do you want more, would you like me, may i show, can i show, i could show"
    ", i can show, i d like to show, i d love to, i only ask, in return, which topic, for your reference, very good price"
    ", have chance to work, chance to work with you, sample is available, samples are available, send you our rates, your monthly volume"
    ", how many people do you need, no paperwork, already approved, flat monthly fee, monthly fee, per quarter, without lifting"
    ", what if you could, struggling with, one simple trick, watch the video, watch this, missing out, losing customers, loose customers"
    ", before midnight, early buyers, just launched, only for the first, this week at a, at a discount, available this week, off code"
    ", ships from hong kong, prices start from, 100 online, same week, reply for, your best number, could be due"
    ", wunschen sie sich, mochten sie mehr, brauchen sie schnell, mit unserem system, wir gewinnen, wir finanzieren, wir liefern an"
    ", gerne senden wir ihnen, unsere referenzliste, referenzliste, jahren erfahrung, schicken sie uns einfach, unter europa"
    ", viele deutsche kunden, passt ihnen, in funf minuten, auch bei schlechter, wir schalten, wir erstellen, wir ubernehmen"
    ", en parcourant votre site, vous font perdre, je peux vous envoyer, c est offert, on en parle, nous octroyons, vous avez un projet"
    ", prix tres bas, service parfait, confiez nous, consultez notre site, notre societe, nous realisons, vos plans, livraison rapide"
    ", sabe cuantos, le disenamos, por solo, responda si, le enviamos, entra ya, llevate, resultados en, pago despues, llama al"
    ", le ayudamos, quiere mas, analizamos su, podemos ayudar, fabrica en china"
    ", ho notato, ci occupiamo di tutto, vi va una, ho trasformato, posti limitati, iscriviti, con soli, vuoi piu, vuole piu"
    ", possiamo aiutar*, posso mostrar*"
    ", so r, entrega imediata, ideal para, analisei, da para triplicar, posso mostrar, chamada rapida, quer mais, podemos ajudar"
    ", accepteren jullie, wat is je tarief, wij hebben elke maand, wilt u meer, zal ik, wij zorgen, wij nemen"
    ", czy chcieliby panstwo, prowadzimy kampanie, kiedy mozemy, bez umowy, pierwszy tydzien, zapewniamy, pomozemy, chce pan*"
    ", приведем вам, настроим, сделаем, оплата только за, можно прислать, одобряем, без проверки, оформить онлайн, на карту"
    ", за 5 минут, поставим, привлечем, хотите больше, хотите получать, мы делаем, мы занимаемся"
    ", ister misiniz, size ozel, hazirlayalim, den basliyor, dan basliyor, baslayan fiyat*, artirmak ister, yonetimi"
    ", chcete vice, vytvorime vam, nastavime, garantujeme, zavolame si, prvni mesic, pomuzeme vam, vill ni ha fler, vi hjalper"
    ", vill ni, vil i have, vi hjaelper, vreti mai, va ajutam, szeretne tobb, haluatteko lisaa"
    ", 随时找我, 随时联系, 微信同号, 价格低, 时效快, 专做, 每周开船, 最快, 最高, 不看, 有需要, 老板, 我是, 我们专业, 承接, 代办, 可加"
    ", はじめてご連絡, 格安, 初期費用, 今なら, 資料をお送り, 行っております, 中小企業様, ご担当者様, お手伝い, ご紹介, させていただ"
    ", 보장합니다, 보장, 환불, 관리까지, 효과 없으면, 해 드립니다, 해드립니다, 만원, 제안드립니다, 안내드립니다, 도와드리"
    ", سجل الان, الاماكن محدوده, محدودة, ابدا ب, احصل على, ضاعف, نوفر لكم, نساعدكم, نضمن, هل تبحث"
    ", we lend, we run, we work with, we manage, we handle, we design, we develop, we have been exporting, we have a list, our members"
    ", our developers, our team of, our experts, our method, our solution, our tool, our agency, digital agency, marketing agency"
    ", i run a, my agency, my name is, i checked your, i checked out your, i reviewed your, i looked at your, i saw your, i ran across"
    ", loading slowly, important tags, your competitors, competitors are, you deserve, potential customers, make your money, for a third"
    ", of the local price, milestone payments, hop on a, quick chat, happy to send, be happy to, i can send across, kindly confirm"
    ", target titles, full contact information, uploaded new, private photos, come see me, my boyfriend, your profile, all nationalities"
    ", percent per year, clear debts, need funds, funds to, need a mobile app, minimum deposit, whenever you like, security alert"
    ", unusual activity, recovery phrase, your assets, which size you are using, quality is stable, price is lower, nice day"
    ", publish our clients, pay upfront, for each article, websites like yours, sites like yours, your rates for"
    ", ihre internetseite, ungenutztes potenzial, unsere kunden, darf ich ihnen kurz, kostet nichts, wir vermitteln, sofort verfugbar"
    ", pro stunde, haben sie aktuell bedarf, aktuell bedarf, freuen uns auf ihren anruf, ich zeige ihnen, wir steigern, wir optimieren"
    ", wir kaufen, ohne risiko, testmonat, erster monat, erste monat, ihre mitbewerber, ihre wettbewerber"
    ", je suis consultant*, marketing digital, votre site merite, mieux visible, je propose, diagnostic, nos clients ont, augmente leur"
    ", conviendrait pour un appel, un appel, nous vous accompagnons, nous vous aidons, nous intervenons, premier mois, main d oeuvre disponible"
    ", desarrollamos, disenamos, aplicaciones moviles, precios bajos, dominio gratis, hosting y dominio, contactenos por, mas informacion"
    ", nuestros clientes, primer mes, le ayudamos a, conseguir mas, agencia de, consultor*"
    ", pagate troppo, confrontiamo, vostre bollette, vi facciamo risparmiare, risparmi*, inviateci l ultima, nostri clienti, primo mese"
    ", realizziamo, sviluppiamo, creiamo, siamo una, consulente, agenzia di, aumentare"
    ", somos uma agencia, ajudamos, consultoria, conseguir mais, primeira consultoria, posso ligar, nossos clientes, primeiro mes"
    ", wij helpen, marketingbureau, eerste maand, zullen we, onze klanten, wij maken, ik ben benieuwd, meer aanvragen"
    ", wykonujemy, nowoczesne strony, sklepy dla firm, hosting i domena, zainteresowan*, nasi klienci, pierwszy miesiac, zwiekszy*"
    ", предлагаем поток, поток заявок, заявок, платите только, готовых клиентов, созвониться, наши клиенты, первый месяц, мы поможем"
    ", мы увеличим, компаниями, увеличить, под ключ недорого"
    ", kurumsal web, e ticaret, paketlerimiz*, alan adi, hediye, detayli bilgi, bizi arayin, musterilerimiz, ilk ay, artiriyoruz, ajansi*"
    ", hjalper foretag, forsta manaden, vara kunder, vi hjalper, vi skapar, prvni mesic, nasi klienti, vytvorime, pomahame, zvysime"
    ", 有优势, 有需求, 如有需求, 欢迎联系, 免费打样, 加急, 我们是深圳, 一家, 包邮, 代理, 加盟, 招商, 合作愉快, 提供一站式"
    ", 代行, ご案内です, ご興味がございましたら, 資料をお送り, アポイント獲得, お得, 業界最安, 成約, 導入実績, 無料相談"
    ", 전문업체, 저렴한, 무료 상담, 제작해 드립, 드립니다, 최저가, 이벤트, 혜택, نساعد, خبراء, عملاؤنا, زيادة مبيعات, اتصل بنا"
    ", outrank you, for your site, free of charge, publish our, our article, take over, try one for, tired of, our trained, data entry"
    ", sales manager, our company is, i will send, have interest, big stock, fast shipment, would acquiring, help your sales, reply pricing"
    ", is live, for every new, claim here, supply runs out, even with, the same day, apply in"
    ", nehmt ihr, zahlen pro, privater geldgeber, vergebe, schreiben sie mir, schulden"
    ", si vous receviez, demandes de devis qualifiees, vous ne payez que, repondez a ce, interesse"
    ", no esta adaptad*, hacemos paginas, precio cerrado, hosting incluido, quiere que le, le prepare"
    ", hai bisogno, offriamo crediti, scrivici, pagare i debiti, per la domanda, voces sabiam, colocamos, consulte nossos, nossos planos"
    ", через форму на, мы можем так же, отправить ваше, на миллион сайтов, стоимость от"
    ", 均可办理, 利息低, 额度高, 下款, 请回电, 制作しております, 助成金, お時間をいただけ, 15分ほど"
)
