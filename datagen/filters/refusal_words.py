# ruff: noqa: E501
"""The words that refusals are made of; `refusals.py` says where they must stand.

Patterns are matched at the place where the last one ended, whatever the case; apostrophes are straight. Each
has bounded repetitions only, so that no text makes them slow.
"""

from __future__ import annotations

HARM = (
    r"(?:illegal|unethical|harm(?:ful|s|ing)?|dangerous|unsafe|inappropriate|offensive|hateful|discriminat\w+|"
    r"violat\w+|explicit|malicious|not (?:appropriate|ethical|legal|okay|ok|acceptable|safe|right)|against (?:the law|my|our)|"
    r"guidelines|policy|policies|privacy|copyright\w*)"
)
WRONG = rf"\b{HARM}\b"
"""A first sentence with one of these may stand before the refusal."""

SORRY = (
    r"(?:i'?m|i am) (?:really |very |truly |so )?sorry (?:that|to hear) [^.!?\n]{1,60}?, but(?= )|"
    r"(?:i'?m|i am|we'?re|we are)?\s?(?:(?:really|very|truly|so|deeply|terribly) )?(?:sorry|afraid)(?: to (?:say|inform you))?"
    r"(?: for (?:any|the) (?:inconvenience|confusion|misunderstanding)(?: (?:this|that|it) (?:may|might) (?:cause|have caused))?)?"
    r"[,.!;:]?(?: (?:but|however|that|though))?(?= |$)"
    r"|(?:i (?:do )?(?:apologi[sz]e|regret)|(?:my |our )?(?:sincere |deepest )?apologies)"
    r"(?: for (?:any|the) (?:inconvenience|confusion|misunderstanding))?(?: to (?:say|inform you))?[,.!;:]?(?: (?:but|that|however))?(?= |$)"
    r"|(?:unfortunately|regrettably|sadly)(?= |,)"
)
MACHINE = (
    r"(?:(?:as|since|because|being|given that|remember,?|please note that) )?(?:i'?m|i am)?\s?(?:just |only |merely |simply )?(?:an?|the) "
    r"(?:(?:large|responsible|helpful|text[- ]based|virtual|digital|harmless|ethical|computer|automated|conversational|generative|safe|friendly) ){0,3}"
    r"(?:(?<=helpful )assistant|(?<=harmless )assistant|ai|a\.i\.|artificial intelligence|language model|llm|chat ?bot|virtual assistant|digital assistant|machine learning model|computer program)"
    r"\b(?:[- ](?:powered|text|text-based|based|trained|language|model|assistant|chatbot|system|program|tool)){0,3}"
    r"(?: (?:created|developed|trained|made|built|designed) by [\w .&-]{1,30}?)?"
    r"(?=[,.;:!]| and | so | i | it |$)(?:[,.;:!]|,? (?:and|so)(?= ))?"
)
"""A speaker who says that it is a machine."""
GREETING = r"(?:no(?=,)|please note that|note that|(?:it is|it's) (?:also )?important (?:to (?:note|remember|understand) )?that|i must (?:inform you|stress|emphasize|note) that|i(?:'d| would) (?:like|love) to help,? but|i (?:aim|strive|try|want|would like|would love) to (?:be )?(?:\w+ ?){1,4}, but|hello|hi(?: there)?|hey|greetings|sure|well|oh|hmm+|oops|ah)\b[ ,.!]{0,3}"
THANKS = r"(?:thank you|thanks)(?: so much| very much)?(?: for [^.!?\n]{1,80}?| but)?[.!,]"
UNDERSTANDING = (
    r"(?:while |although |though )?i (?:completely |totally |fully |really |can )?(?:understand|appreciate|see|hear|know|realize|recogni[sz]e)\b"
    r"[^.!?\n]{0,140}?(?:[,.] ?(?:but|however,?|yet)?|;? (?:but|however,?))(?= )"
)
TURN = r"(?:but|however|though|that said|therefore|so|thus|and|for (?:that|this|safety|ethical|legal) reasons?)\b,?"

LEADS = (SORRY, MACHINE, GREETING, THANKS, UNDERSTANDING, TURN)
"""What may stand before the refusal proper, in any order."""

CANNOT = (
    r"(?:i|we) ?(?:(?:simply|just|really|also|therefore|regretfully|respectfully|unfortunately) )?"
    r"(?:can't|cannot|can not|can ?not|couldn't|could not|won't|will not|wouldn't|shouldn't|"
    r"(?:'m|am|'re|are) (?:not able|unable|not allowed|not permitted|not programmed|not designed|not in a position|not going|not willing|not authorized|not equipped|not comfortable|not really able)(?: to)?|"
    r"do not (?:have the ability|have the capability|feel comfortable)(?: to)?|don't (?:have the ability|have the capability|feel comfortable)(?: to)?|"
    r"(?:must|have to|need to) (?:respectfully |politely )?(?:decline|refuse|refrain)(?: (?:to|from))?|refuse to|decline to|(?:can't|cannot) and will not)"
    r"(?: and (?:will not|won't|should not|cannot|can't))?(?: (?:in good conscience|ethically|legally|directly|actually|personally|fully|currently|be able to|fulfill or))?"
)
THIS = (
    r"(?:th(?:at|is|ese|ose)(?=[.,!;?]|$| (?:requests?|questions?|prompts?|tasks?|topics?|information|content|kind|type|sort|because|as|for you|since|or|and|one|in|at|message|instructions?|material|matter|subject|conversation|action|activity|behaviou?r|discussion|assignment)\b)|"
    r"your (?:request|question|prompt|query|instruction|demand|inquiry)|such (?:a |an )?\w+|any (?:kind of |type of |form of |sort of )?"
    r"(?:\w+ )?(?:information|content|advice|help|assistance|instructions?|guidance|requests?|questions?|activit\w+|material|support|code|details?|way|illegal|harmful)|"
    r"the (?:request|task|question|information|prompt|instruction)\w*\b|(?:your |the |this |that )?request\w*|"
    r"(?:\w+ ){0,2}(?:instructions?|information|content|advice|guidance|assistance|details?|material|medical|legal|financial|illegal|harmful|explicit|hateful|hate|malware|weapons?|drugs?|hacking|personal data|"
    r"phone numbers?|home address\w*|passwords?|keys?|code|jokes? (?:that|about)|real[- ]?time|current|live|up[- ]to[- ]date|copyrighted|lyrics|opinions?|predictions?|diagnos\w+|prescriptions?))"
)
WITH_THIS = (
    r"(?: (?:you|him|her|them|users|people|anyone))?(?: (?:out|further))?(?:"
    rf"(?: with| in| on| about| for) (?:{THIS}|it\b|\w+ing\b|(?:illegal|harmful|unethical|hacking|anything|what you|something|things|creating|making|homework|cheating|an? (?:illegal|cyber)\w*))"
    r"| (?:here|there)\b|(?=[.!,;]|$)|(?: to)? (?:harm|hurt|hack|break|steal|kill|commit|cheat|create|make|build|bypass|evade|write|do (?:this|that|so)))"
)
CORE = (
    rf"{CANNOT} (?:help|assist|aid|support)(?:ing)?{WITH_THIS}"
    rf"|{CANNOT} (?:comply|engage|participate|continue|proceed|collaborate)\b(?:(?: with| in| on) (?:{THIS}|\w+ing\b|any|anything|discussions?|conversations?|the conversation|sexual|explicit|illegal|harmful|hate)|(?=[.!,]|$))"
    rf"|{CANNOT} (?:fulfil|fulfill|complete|process|accommodate|honou?r|grant|carry out|respond to|reply to|act on|satisfy|entertain) (?:{THIS})"
    rf"|{CANNOT} (?:provide|give|offer|share|write|create|generate|produce|discuss|answer|recommend|suggest|supply|generate a response|disclose|reveal|promote|endorse|encourage|condone|facilitate|compose|make|tell|translate|develop|design|teach|explain|describe|instruct|advise|speculate|draft|writing|providing|creating|generating|discussing|sharing|answering|giving)\b"
    rf"(?: (?:you|users|anyone|people|a|an|the|on|about|out|any|or [a-z]+))*? ?(?:{THIS}|how to|(?:you )?with (?:{THIS})|content|the (?:help|support|assistance|information)|stories? (?:that|about|with|involving)|(?:a |an )?(?:story|essay|poem|joke|letter|article|script|post|text|speech|list|email|message)s? (?:that|which|about|containing|with|promoting|praising|involving|designed) )"
    rf"|{CANNOT} do (?:this|that|so)(?: for you)?(?=[.!,;]| as | because | since |$)"
    rf"|(?:i|we) (?:don't|do not) (?:help|assist|engage) with (?:{THIS}|\w+ing)"
    rf"|(?:i|we)(?: would|'d)? (?:must |have to |need to |will have to )?(?:respectfully |politely )?(?:decline|refuse)(?=[.!]| to (?:answer|help|assist|provide|write|fulfil|engage|comply|create|respond|participate|do so|generate)| (?:this|that|your) (?:request|question))"
    rf"|(?:i|we)(?:'m| am|'re| are) (?:not able|unable) to (?:help|assist|answer|respond)(?:{WITH_THIS}| (?:{THIS}))"
    r"|(?:this|that|it|your (?:request|question|prompt))(?:'s| is| was) (?:not )?(?:something|a (?:request|topic|task|question)|one)(?: that)? (?:i|we)(?: (?:can't|cannot|won't|will not|can)|(?:'m| am) (?:not able|unable|able) to|'m not comfortable) (?:help|assist|do|discuss|answer|fulfil|provide|support|engage|comply|with|write)"
    rf"|(?:this|that|your|the) (?:request|question|prompt|content|topic|conversation|query|task) (?:violates|goes against|conflicts with|falls outside|is (?:outside|beyond|against)|asks for content that) (?:my|our|the) "
    r"|(?:that|this|it)(?:'s| is| would be)? ?(?:goes |is )?(?:against|outside|beyond) (?:my|our) (?:guidelines|programming|policy|policies|capabilities|principles|scope|abilities|terms|ethical)"
    r"|my (?:guidelines|programming|training|policies|ethical guidelines|instructions) (?:prevent|prohibit|do not allow|don't allow|forbid)"
    r"|i(?:'m| am) (?:not )?(?:programmed|designed|trained) (?:not )?to (?:provide|assist|help|be (?:helpful|safe|harmless|respectful)|avoid|follow|engage|generate|refuse|prioritize)\b"
    r"|(?:no,? )?i (?:can't|cannot|won't|will not) (?:do|answer|discuss|help with|assist with) th(?:at|is)(?: (?:request|question|task|one|topic))?(?=[.!,;]|$)"
    r"|(?:i )?(?:can't|cannot|unable to|not able to) (?:help|assist|comply)(?: you)?(?: with (?:that|this|your request|the request))?[.!]?$"
    r"|i (?:don't|do not) (?:have|possess) (?:any )?(?:access to (?:the (?:information|internet|web|latest|current|file|image|link|document|text|data)|real|your|personal|current|that|this|external|any|specific|private|up-to|information|data|live|files?|confidential|such|user)|the (?:ability|capability|means) to|any way to|real[- ]time|(?:personal|my own) (?:opinions?|experiences?|feelings?|beliefs?|preferences?|information|thoughts|emotions)|current information|up[- ]to[- ]date|the information (?:you|needed|necessary|required)|enough (?:information|context|details) (?:to|about)|browsing|internet)"
    r"|i (?:can't|cannot|am unable to|'m unable to|am not able to|'m not able to|don't have the ability to) (?:generate|create|display|access|browse|open|view|see|hear|watch|listen to|click|download|search|look up|retrieve|read|play) (?:the (?=internet|web|file|link|image|content|attach))?(?:internet|web|links?|urls?|external|files?|images?|pictures?|photos?|attach\w+|videos?|audio|real[- ]time|websites?|personal|your|live|current|online|documents?|private)"
    r"|i(?:'m| am) (?:not able|unable) to (?:recommend|provide|predict|verify|confirm|diagnose|generate|assist|diagnose|access|comment on|fulfil|fulfill|comply|engage)\b"
    r"|(?:i|we) ?(?:can't|cannot|won't|will not) (?:(?:diagnose|prescribe|provide|offer|give) (?:a |any )?(?:medical|legal|financial|professional|tax)|predict the (?:future|weather|winner|outcome|lottery|stock)|verify (?:that|this|the) (?:claim|information|statement|fact)|write (?:a |an )?(?:phishing|malicious|fake|fraudulent|hateful|racist|sexist|explicit|defamatory))"
    r"|i(?:'m| am) (?:not capable|incapable) of (?:feel|hav|experienc|generat|provid|access|perform|form|brows)ing"
    rf"|{CANNOT} (?:provide|give|share|offer) [^.!?]{{0,40}}\b(?:{HARM}|poison\w*|explosives?|bombs?|weapons?|drugs?|definitive answer)\b"
    rf"|{CANNOT} (?:support|endorse|promote|encourage|condone|facilitate) (?:th(?:is|at) request|violence|{HARM}|any|such)"
    r"|i strongly (?:advise|recommend|discourage)[^.!?]{0,60} and (?:can't|cannot|won't|will not) (?:help|provide|assist)"
    r"|i(?:'d| would)? (?:prefer|rather) not(?: to)? (?:answer|discuss|continue|engage|respond|provide|talk about)"
    r"|(?:it(?:'s| is)|it would(?: be)?) (?:not(?: be)?|neither|never|un\w+|highly in\w+|in\w+)(?: (?:ethical|appropriate|legal|acceptable|possible|okay|right|safe))?(?: n?or \w+)? for (?:me|an ai) to (?:provide|comment|help|assist|discuss|write|create|generate|share|give|answer|engage|speculate|offer|express|judge|take sides|make (?:that|this|such)|do (?:that|this|so))"
)
"""What refuses, whoever says it; it needs no apology before it."""
SERVICE = r"(?:provide|generate|create|answer|assist|comply|fulfil|fulfill|discuss|complete|engage|participate|offer|recommend|predict|verify|process|role-?play|roleplay|summari[sz]e|translate|produce|disclose|perform|diagnose|talk about|access|browse|compose|supply|give advice|give you (?:advice|information|instructions)|write (?:that|this|such|about|content|a|an)|(?:providing|generating|creating|answering|discussing|engaging|assisting|writing|role-?playing|participating|giving|sharing|helping))\b"
"""What assistants are asked to do, and people who apologize to each other seldom speak of."""
SORRY_CORE = (
    rf"{CANNOT} {SERVICE}"
    r"|(?:it|that|this|doing so|providing (?:that|this|such)|creating (?:that|this|such))(?: is| was| would be|'s|'d be) (?:highly |deeply )?(?:not |un|in|il)(?:ethical|appropriate|legal|acceptable|possible|safe|responsible)\b"
    r"|(?:i|we) ?(?:can't|cannot|can not|couldn't|could not|won't|will not|(?:'m|am) (?:unable|not able) to|do not|don't) (?:understand|quite understand|find|answer|complete|process|see|fulfil|fulfill|help|assist|provide you|tell you|know the answer|know what you|have (?:any |enough |that |the |an? )?(?:information|answer|knowledge|data|context|access|details|ability|image|text))"
    r"(?! (?:my|his|her|our|their|them|him|the keys|it anywhere)\b)"
    r"|(?:the|this|your) (?:request|question|prompt|input|text|task|information|instruction)\w* (?:is|was|are|does|do|cannot|can't|seems?|appears?) (?:not |n't )?(?:clear|complete|possible|be|provide|contain|make|available|incomplete|unclear|missing|allowed|outside|beyond|too)"
    r"|(?:that|this|it)(?:'s| is) (?:not (?:something|possible|available)|beyond my|outside my|impossible for me)"
    r"|(?:could|can|would) you (?:please )?(?:provide|share|give me|clarify|specify|paste) (?:me )?(?:with )?(?:more|the|some) (?:additional |further |full |complete |original |actual )?(?:information|context|details|text|passage|article|question|content|document|code|sentence|input)\b"
    r"|there is (?:not|n't) enough (?:information|context)|not enough (?:information|context)"
)
"""What refuses after an apology."""
MACHINE_CORE = (
    r"(?:(?:i |it |i(?='m))|(?=do not|don't|cannot|can't))(?:(?:'m|am|is) (?:not able|unable|not capable|not programmed|not allowed|not designed|not qualified|not equipped|incapable|only able|here to|programmed|designed)|"
    r"(?:can't|cannot|can not|couldn't|won't|will not|must not|should not|shouldn't|do not|don't|does not|doesn't|have no|lack|only have|strive to|must|has no|have not|haven't|am a|would not|wouldn't|never))\b"
    r"|my (?:purpose|knowledge|capabilities|training|programming|responses|goal|guidelines|primary|main|abilities|role|function)\b"
    r"|(?:it is|it's|it would be|that is|this is) (?:not|never|against|inappropriate|beyond|outside|important|impossible)"
    r"|(?:providing|creating|writing|generating|engaging|giving) (?:such|this|that|any)\b"
)
"""What refuses after the speaker has said that it is a machine."""

OTHER_LANGUAGES = {
    "German": r"(?:(?:es )?tut mir (?:sehr |wirklich |aufrichtig )?leid|leider|entschuldigung|entschuldige|entschuldigen sie|verzeihung|ich bedaure|sorry)?[,.!]? ?(?:aber |dass |doch )?"
    r"(?:(?:als (?:eine? )?(?:ki\b|künstliche intelligenz|sprachmodell|großes sprachmodell)[^.!?,]{0,60},? ?(?:kann|darf|habe|bin|verfüge|werde|ist es mir) )|"
    r"(?:(?:ich|dabei|damit|das|diese[rsn]?(?: \w+)?|bei (?:dieser|ihrer|deiner) (?:anfrage|frage)|hierbei|ihnen|dir) )?(?:ich )?(?:kann|darf|werde|möchte|bin)(?: (?:ich|ihnen|dir|leider|ihre|deine|diese|dieser|keine|bei|dabei|damit|hierbei|nicht|mit|zu)){0,5}(?: [^.!?]{1,90})? "
    r"(?:helfen|weiterhelfen|unterstützen|behilflich sein|beantworten|erfüllen|bereitstellen|nachkommen|erstellen|in der lage)(?=[ ,.!]|$)(?<!gerne helfen))",
    "French": r"(?:bonjour[,.!]? )?(?:je suis (?:vraiment |sincèrement )?désolée?|désolée?|malheureusement|je regrette|toutes mes excuses|je m'excuse)[,.!]?(?: mais)?,? (?:je|en tant qu)[^.!?]{0,40}?(?:ne (?:peux|suis|puis|dispose|pourrai)|n'ai|refuse)[^.!?]{0,60}(?:aider|assister|répondre|fournir|satisfaire|accéder|donner|créer|générer|écrire|traiter|en mesure|possibilité|accès|informations|capable)"
    r"|en tant (?:qu'|que )(?:ia|intelligence artificielle|modèle (?:de langage|linguistique)|assistante? (?:virtuel|ia))[^.!?]{0,60}je (?:ne |n'|suis|dois)"
    r"|je ne (?:peux|suis|puis) (?:pas |malheureusement pas )(?:en mesure de |autorisée? à )?(?:vous |t')?(?:aider|répondre à (?:cette|votre)|fournir (?:d'|de |cette|ces|des)|satisfaire|assister|donner suite)[^.!?]{0,80}",
    "Spanish": r"(?:lo siento(?: mucho)?|lamento (?:decirte|informarte|informarle)|lamentablemente|desafortunadamente|disculpa|disculpe|perdón|me temo)[,.!]?(?: pero)?,? ?(?:que )?(?:como [^.!?,]{0,50}, )?(?:yo )?(?:no (?:puedo|podré|tengo|estoy|me es posible|soy capaz)|debo rechazar)[^.!?]{0,60}(?:ayudar|asistir|responder|proporcionar|cumplir|ofrecer|generar|crear|acceso|información|esa solicitud|capaz|capacidad|hacer eso|autorizad|brindar|escribir)"
    r"|como (?:(?:una? )?(?:ia|inteligencia artificial|modelo de lenguaje|asistente virtual))[^.!?]{0,60},? (?:yo )?(?:no|mi|debo|carezco)\b"
    r"|no puedo (?:ayudar(?:te|le)?|asistir(?:te|le)?|cumplir|proporcionar(?:te|le)?|responder) (?:con|en|a|esa|ese|esta|información|contenido|instrucciones)[^.!?]{0,80}",
    "Italian": r"(?:mi dispiace(?: molto)?|sono spiacente|spiacente|purtroppo|scusa|scusami|mi scuso)[,.!]?(?: ma)?,? (?:come [^.!?,]{0,50}, )?(?:io )?non (?:posso|sono|ho|mi è)[^.!?]{0,60}(?:aiutar|assister|risponder|fornir|soddisfar|creare|generare|accesso|in grado|informazioni|autorizzat|scrivere|possibile)"
    r"|(?:in quanto|come|essendo) (?:un'?a? ?|un )?(?:ia|intelligenza artificiale|modello (?:di linguaggio|linguistico)|assistente virtuale)[^.!?]{0,60},? (?:io )?(?:non|sono)\b"
    r"|non posso (?:aiutar(?:ti|la)|assister(?:ti|la)|fornire|soddisfare|rispondere a) (?:con|in|questa|quest|informazioni|istruzioni|la tua|a)[^.!?]{0,80}",
    "Portuguese": r"(?:(?:me )?desculpe|(?:eu )?sinto muito|lamento|infelizmente|peço desculpas?|perdão)[,.!]?(?: mas)?,? (?:como [^.!?,]{0,50}, )?(?:eu )?não (?:posso|consigo|tenho|estou|sou|me é)[^.!?]{0,60}(?:ajud|auxili|assist|respond|fornec|atend|cumpr|criar|gerar|acesso|informaç|capaz|capacidade|autorizad|fazer isso|escrever)"
    r"|como (?:uma? )?(?:ia|inteligência artificial|modelo de linguagem|assistente virtual)[^.!?]{0,60},? (?:eu )?(?:não|meu|devo)\b"
    r"|não posso (?:ajudar|ajudá-l[oa]|auxiliar|fornecer|atender|responder|cumprir) (?:com|a|você|isso|ess[ea]|informaç|instruç|seu)[^.!?]{0,80}",
    "Dutch": r"(?:het spijt me|sorry|helaas|excuses|mijn excuses)[,.!]?(?: maar| dat)?,? (?:als [^.!?,]{0,50} )?(?:ik (?:kan|mag|ben|heb|zal)|kan ik|mag ik|ben ik|heb ik|daar kan ik|dat kan ik|hier kan ik)[^.!?]{0,60}(?:helpen|assisteren|beantwoorden|voldoen|geven|verstrekken|maken|toegang|in staat|bieden)"
    r"|als (?:een )?(?:ai|kunstmatige intelligentie|taalmodel|virtuele assistent)[^.!?]{0,40},? (?:kan|mag|heb|ben) ik\b"
    r"|ik kan (?:je|u|jou) (?:daar|hier|helaas)[^.!?]{0,30}niet (?:mee |bij )?helpen",
    "Polish": r"(?:przykro mi|przepraszam|niestety)[,.!]?(?: ale)?,? (?:jako [^.!?,]{0,50}, )?nie (?:mogę|jestem|mam|będę)[^.!?]{0,60}(?:pomóc|pomagać|odpowiedzieć|spełnić|udzielić|dostarczyć|dostępu|w stanie|stworzyć|podać)"
    r"|jako (?:sztuczna inteligencja|model językowy|ai)[^.!?]{0,60},? nie\b|nie mogę (?:ci |panu |pani )?(?:w tym pomóc|pomóc (?:w|z) t|spełnić t)",
    "Russian": r"(?:к сожалению|извините|простите|прошу прощения|мне (?:очень )?жаль|сожалею)[,.!]?(?: но)?,? (?:как [^.!?,]{0,50}, )?(?:я )?(?:не (?:могу|имею|способен|способна|в состоянии|смогу)|у меня нет|вынужден отказать)[^.!?]{0,60}(?:помо|ответить|предостав|выполнить|созда|доступ|возможности|обсуждать|поддерж|написать|дать|этого сделать)"
    r"|(?:как|будучи|я\s?(?:—|-|–)?) ?(?:искусственный интеллект|языковая модель|ии\b|ai\b|нейросеть)[^.!?]{0,60},? (?:я )?(?:не|у меня нет)"
    r"|я не могу (?:помочь (?:вам |тебе )?(?:с|в) (?:эт|так|ваш)|выполнить (?:эт|ваш)|обсуждать эт|предоставить (?:эт|так|инф))",
    "Turkish": r"(?:üzgünüm|özür dilerim|maalesef|ne yazık ki|kusura bakmayın)[,.!]?(?: ama| ancak)?,? [^.!?]{0,80}(?:yardımcı olamam|yardımcı olamıyorum|yardım edemem|sağlayamam|cevap veremem|yanıtlayamam|yerine getiremem|yapamam|veremem|oluşturamam|erişimim yok)"
    r"|bir (?:yapay zeka|dil modeli)[^.!?]{0,40} olarak,?[^.!?]{0,80}(?:amam|emem|yok|değilim|mıyorum|miyorum)|bu konuda (?:size |sana )?yardımcı olamam",
    "Swedish and Danish": r"(?:jag är ledsen|jeg er ked af det|tyvärr|desværre|beklagar|beklager|förlåt|undskyld|ursäkta)[,.!]?(?: men)?,? (?:som [^.!?,]{0,50} )?(?:jag|kan jag|jeg|kan jeg|har jag|har jeg)[^.!?]{0,20}(?:kan|har|är|er)?[^.!?]{0,40}(?:inte|ikke)[^.!?]{0,40}(?:hjälpa|hjælpe|svara|svare|uppfylla|opfylde|tillhandahålla|give|ge |tillgång|adgang)"
    r"|som (?:en )?(?:ai|språkmodell|sprogmodel|artificiell intelligens|kunstig intelligens)[^.!?]{0,40},? (?:kan|har|är|er) (?:jag|jeg)",
    "Chinese": r"(?:您好[,，!！。]?|你好[,，!！。]?)?(?:非常|很|十分)?(?:抱歉|对不起|对不住|不好意思|遗憾|對不起)[^。！？]{0,30}(?:无法|不能|不会|没有办法|没办法|無法|不便|没有(?:能力|权限|足够))[^。！？]{0,40}(?:帮|协助|提供|回答|满足|完成|处理|生成|讨论|访问|支持|执行|幫|協助|创作|给出|继续|这个|该)"
    r"|(?:作为|身为|我(?:只)?是)(?:一个|一名|一款)?(?:[^。！？，,]{0,8})(?:人工智能|ai|AI|语言模型|大模型|智能助手|聊天机器人)[^。！？]{0,20}[,，]?(?:我)?[^。！？]{0,10}(?:无法|不能|没有|不具备|不会|不应|只能)"
    r"|我(?:无法|不能)(?:帮助|协助|满足|回答|提供)(?:您|你|这|该|此|任何)",
    "Japanese": r"(?:大変|誠に|まことに)?(?:申し訳(?:ありません|ございません|ない)|すみません|ごめんなさい|残念ながら|恐れ入りますが)[^。！？]{0,40}(?:できません|できかねます|致しかねます|いたしかねます|お手伝いでき|お答えでき|対応でき|持っていません|ありません)"
    r"|(?:私は)?(?:ai|AI|人工知能|言語モデル|大規模言語モデル)[^。！？]{0,16}(?:として|であり|なので|ですので|のため)[^。！？]{0,40}(?:できません|ありません|持っていません|持ちません|できかね)"
    r"|その(?:ご)?(?:依頼|要求|リクエスト|質問)(?:には|に|は)[^。！？]{0,20}(?:できません|できかねます|お答えできません)",
    "Korean": r"(?:정말 |대단히 )?(?:죄송합니다|죄송하지만|미안합니다|미안하지만|유감스럽게도|안타깝게도)[.,]? ?[^.!?]{0,60}(?:수 없습니다|수 없어요|수가 없습니다|어렵습니다|않습니다|못합니다|없습니다)"
    r"|(?:저는 )?(?:ai|인공지능|언어 모델|인공 지능)[^.!?]{0,20}(?:로서|이기 때문에|이므로|이라)[^.!?]{0,60}(?:없습니다|않습니다|못합니다)",
    "Arabic": r"(?:أنا )?(?:آسف|آسفة|عذرا|عذرًا|أعتذر|للأسف|نأسف)[^.!؟]{0,20}(?:لا (?:أستطيع|يمكنني|أقدر|أملك)|لن أتمكن|لست قادرا)[^.!؟]{0,60}|(?:بصفتي|كوني|باعتباري) (?:نموذج|ذكاء|مساعد)[^.!؟]{0,60}(?:لا|ليس)",
}
"""Refusals in other languages, each one pattern for the whole beginning."""
