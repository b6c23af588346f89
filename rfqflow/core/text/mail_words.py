"""Words that mail programs and people write around a message, in many languages.

They are normalized, and separated by bars.
"""

# ruff: noqa: RUF001 - mail programs write in the scripts of their users

FIELDS = {
    "from": "from|von|de|da|van|od|fra|från|kimden|от|от кого|від|lahettaja|felado|expediteur"
    "|remitente|remetente|mittente"
    "|από|发件人|差出人|보낸 사람|من",
    "sent": "sent|date|gesendet|datum|envoyé|enviado|fecha|data|inviato|verzonden|wysłano|sendt"
    "|skickat|gönderildi|tarih"
    "|отправлено|дата|надіслано|odesláno|lähetetty|elküldve|trimis|发送时间|日付|送信日時|보낸 날짜|التاريخ",
    "to": "to|an|à|a|para|aan|do|til|till|kime|кому|komu|pro|címzett|către|vastaanottaja|προς|收件人"
    "|宛先|받는 사람|إلى",
    "subject": "subject|betreff|objet|asunto|assunto|oggetto|onderwerp|temat|emne|ämne|konu|тема"
    "|předmět|predmet|tárgy"
    "|subiect|aihe|θέμα|主题|件名|제목|الموضوع",
    "copy": "cc|bcc|kopie|copie|kopia|копия",
}
FORWARDED = (
    "forward|weitergeleitet|transfere|reenviad|encaminhad|inoltrat|doorgestuurd|przekazan|videresendt|vidarebefordrat"
    "|iletilen|пересыл|пересл|preposlan|tovabbitott|转发|轉寄|転送|전달"
)
ORIGINAL = (
    "original|ursprungliche|message d'origine|mensaje original|mensagem original|messaggio originale|oorspronkelijk"
    "|oryginalna|ursprungligt|opprinnelig|oprindelig|исходное|puvodni|eredeti|orijinal|原始邮件|元のメッセージ|원본"
)
WROTE = (
    r"wrote|schrieb(?: am .*)?|a ecrit|ecrit|escribio|escreveu|ha scritto|scrive|schreef|geschreven"
    r"|napisal\w*|pisze|skrev"
    r"|sunlari yazdi|yazdi|написал\w*|пишет|писав\w*|napsal\w*|irta|a scris|kirjoitti|εγραψε|写道|寫道"
    r"|のメール|書きました"
    r"|작성|كتب"
)
REPLY_STARTS = r"on|am|le|el|il(?: giorno)?|op|w dniu|den|em|dne|pe|no dia|в|\d"
# The closings of a letter, before the sender's name.
CLOSINGS = (
    r"(?:with )?(?:best|kind|warm|many|yours|kindest|warmest)\b.{0,30}|regards\b.{0,20}|sincerely\b.{0,20}"
    r"|cheers\b.{0,12}|thanks\b.{0,24}|thank you\b.{0,30}|mit .{0,20}gru(?:ss|e)\w*.{0,20}"
    r"|(?:viele |liebe |schone |beste )?gru(?:ss|sse|esse|e)(?: .{0,20})?|[lv]g|rgds?"
    r"|freundliche gru\w*.{0,20}|mfg|(?:bien )?cordialement.{0,20}|salutations.{0,20}|saludos.{0,20}"
    r"|un (?:cordial )?saludo.{0,12}|atentamente.{0,12}|atenciosamente.{0,12}|cumprimentos.{0,12}"
    r"|cordiali saluti.{0,12}"
    r"|distinti saluti.{0,12}|saluti.{0,12}|met vriendelijke groet\w*.{0,12}|groet\w*.{0,12}|mvg|z powazaniem.{0,12}"
    r"|pozdrawiam.{0,12}|med venlig hilsen.{0,12}|vennlig hilsen.{0,12}|hilsen.{0,12}|med vanliga? halsning\w*.{0,12}"
    r"|mvh|saygilar\w*.{0,12}|iyi calismalar.{0,12}|с уважением.{0,12}|з повагою.{0,12}"
    r"|s pozdravem.{0,12}|s uctou.{0,12}"
    r"|udvozlettel.{0,12}|ystavallisin terveisin.{0,12}|cu stima.{0,12}|με εκτιμηση.{0,12}|此致.{0,8}|敬具.{0,8}"
    r"|よろしくお願い.{0,12}|감사합니다.{0,8}"
)
