"""The little words that turn what stands beside them: asking, refusing, leaving to others. Folded, all languages."""

from rfqflow.core.rules.text import listed

NEGATION = listed(
    "no not without excluding except never none neither nor don doesn isn aren"
    " nicht kein keine keinen keiner ohne sans pas ni aucun aucune sin ningun ninguna "
    "excepto senza non nessun nessuna zonder geen niet"
    " bez nie sem nao nenhum utan inte ingen inga degil haric bez ne"
)
ELSEWHERE = listed(
    "already others vorhanden vorhandene vorhandenen bereits bauseits deja ya gia reeds juz ja redan zaten jiz mevcut"
)
# After a thing: it is there, or somebody else provides it.
BY_OTHERS = listed("others vorhanden bauseits beigestellt fournis existants disponibles obecny zajistime")
ASKING = listed(
    "quote quotes quotation quotations rfq rfp itt tender bid need needs require requires "
    "required requirement want looking seeking price prices pricing offer offers supply "
    "procure cost"
    " purchase source enquiry inquiry request estimate buy order"
    " angebot angebote anfrage anfragen benotigen benotige brauchen brauche suchen suche "
    "bieten preis preise preisanfrage bestellen ausschreibung kostenvoranschlag"
    " devis offre besoin recherchons cherchons souhaitons prix chiffrage consultation "
    "fourniture chiffrer tarif"
    " presupuesto cotizacion cotizar oferta necesitamos necesito precio precios buscamos "
    "solicitamos suministro ofertar"
    " preventivo offerta quotazione richiesta cerchiamo abbiamo prezzo fornitura necessitiamo quotare"
    " offerte prijs prijzen aanvraag zoeken nodig prijsopgave offreren"
    " oferte wycene wycena wyceny zapytanie potrzebujemy cene ceny cena szukamy"
    " cotacao orcamento precisamos preco precos proposta gostaria gostariamos fornecimento"
    " offert pris behover forfragan soker priser"
    " teklif teklifi teklifinizi fiyat fiyati ihtiyacimiz talep alimi"
    " poptavame poptavka nabidku nabidka cenovou potrebujeme hledame"
)
# Work that is done on things: what stands after it with a "of the" or a number is not what is to be delivered.
WORK = listed(
    "servicing service maintenance upkeep inspection inspections calibration overhaul cleaning testing"
    " survey training relocation transport shipment haulage moving scanning diagnosis rental hire refurbishment"
    " rewinding"
    " wartung prufung instandhaltung reinigung kalibrierung schulung uberholung inspektion umzug verlagerung"
    " entretien controle verification nettoyage etalonnage formation demenagement location"
    " mantenimiento revision inspeccion limpieza calibracion formacion traslado alquiler flete"
    " manutenzione verifica pulizia taratura formazione trasporto trasloco noleggio"
    " serwis przeglad konserwacja kalibracja szkolenie przewoz"
    " onderhoud onderhoudscontract keuring schoonmaak kalibratie vervoer verhuizing"
    " manutencao inspecao limpeza calibracao treinamento frete"
    " underhall besiktning stadning kalibrering utbildning frakt"
    " bakim kontrol temizlik kalibrasyon egitim nakliye udrzba revize cisteni skoleni preprava"
)
OF = listed(
    "of for on our your their the contract agreement von der des den unserer unserem unseren fur an"
    " de du des d nos notre pour sur annuel annuelle periodique del los las nuestros nuestras para en da das do dos"
    " dei degli delle della di per dla van voor onze av for till icin"
)
