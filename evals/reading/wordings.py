"""How models say that they do not know, refuse, ask back or hand over, in English, Spanish and Chinese."""

from __future__ import annotations

import re

_i_cannot = r"(?:cannot|can't|can not|could not|couldn't|am unable to|'m unable to|am not able to|'m not able to|" \
    r"was unable to|was not able to|wasn't able to|do not|don't|did not|didn't)"  # fmt: skip
_sources = r"(?:help (?:cent(?:er|re)|articles?|pages?)|articles?|passages?|documents?|documentation|" \
    r"sources?|excerpts?|" \
    r"(?:provided |available )?(?:information|materials?|context)|knowledge base)"  # fmt: skip
_fuentes = r"(?:centro de ayuda|artículos?|documentos?|documentación|pasajes?|fuentes?|páginas?|información)"

DOES_NOT_KNOW = re.compile(
    "|".join(
        (
            rf"\bi\s?{_i_cannot} (?:currently |actually |really |yet |seem to |be able to )*"
            r"(?:know\b|have (?:\w+ ){0,3}(?:information|details?|data|answers?|anything|access to)|find|"
            r"found|see (?:any|"
            r"that|this|where|it)|locate|tell (?:you )?(?:from|for|what|who|whether|if|which)|say (?:for|"
            r"what|who|whether|if)|"
            r"answer (?:that|this|your)|confirm|determine|look)",
            r"\bi(?:'ve| have)? (?:found|find|have|see|got) (?:nothing|no (?:\w+ ){0,3}(?:information|details?|mention|"
            r"answers?|articles?|passages?|data))",
            r"\bi(?:'m| am) (?:not (?:sure|certain|aware)|unsure)\b",
            rf"\b{_sources}\b[^.!?]{{0,50}}\b(?:do(?:es)? not|do(?:es)?n't|did not|didn't|cannot|"
            rf"can't)\b[^.!?]{{0,20}}\b"
            r"(?:say|mention|cover|contain|include|have|specify|address|provide|name|list|state|tell|answer|describe|"
            r"discuss|indicate)",
            rf"\b{_sources}\b[^.!?]{{0,40}}\b(?:says?|has|have|contains?|includes?) (?:nothing|no )",
            r"\bthere(?:'s| is| are|'re) (?:no|not any|nothing|isn't any) (?:\w+ ){0,3}(?:information|details?|mention|"
            rf"articles?|(?:about|on) (?:this|that|it)\b|in (?:the |our |my )?{_sources})",
            rf"\bnot (?:mentioned|covered|specified|stated|included|available|listed|addressed|"
            rf"described)\b[^.!?]{{0,20}}"
            rf"\b(?:in|by) (?:the |our |my |any )?(?:\w+ )?{_sources}",
            r"\bno information (?:is |was )?(?:available|provided|about|on|regarding)",
            r"\bno (?:lo )?sé\b|\blo desconozco\b|\bdesconozco\b|\bno estoy segur[oa]\b",
            r"\bno (?:tengo|dispongo de|cuento con|hay|existe|encuentro|he encontrado|encontré|pude encontrar|puedo "
            r"encontrar) (?:\w+ ){0,3}(?:información|datos?|detalles?|respuesta|nada|mención)",
            r"\bno (?:puedo|pude|he podido) (?:\w+ )?(?:encontrar(?:lo)?|confirmar(?:lo)?|saber(?:lo)?|"
            r"decirle (?:si|cu|qu)"
            r"|responder (?:a )?(?:eso|esa|esta|su))",
            r"\bno (?:lo )?(?:encuentro|encontré)\b",
            rf"\b{_fuentes}\b[^.!?]{{0,60}}\bno (?:\w+ )?(?:dicen?|mencionan?|incluyen?|contienen?|"
            rf"indican?|especifican?|"
            r"tratan?|cubren?|hablan?|tienen?|ofrecen?|proporcionan?)",
            r"\bno se (?:menciona|indica|especifica|trata|dice|encuentra (?:información|nada))",
            r"不知道|不(?:太)?清楚|不(?:太)?了解|不(?:太)?确定|(?:没有?|未|没能|无法|查不|找不)(?:能)?(?:找到|查到|提到|提及|"
            r"说明|得知|确认|回答您?(?:的|这)|到相关)|(?:没有|暂无|缺乏)[^。！？\n]{0,16}(?:信息|资料|相关内容|说明)",
        )
    ),
    re.IGNORECASE,
)
REFUSES = re.compile(
    "|".join(
        (
            r"\bi(?:'m| am)? (?:sorry,? (?:but )?i )?\s?(?:cannot|can't|can not|won't|will not|"
            r"am unable to|unable to|not "
            r"able to|am not able to|not allowed to|am not allowed to|not permitted to|must decline|"
            r"have to decline|do not|"
            r"don't) (?:\w+ly )?(?:help|assist|do (?:that|this)|share|provide|give|discuss|comply|write|"
            r"reveal|disclose|"
            r"promise|guarantee|fulfil|support|offer|engage|follow|keep|speculate|recommend|approve|act|take on|create|"
            r"generate|talk about|answer)",
            r"\b(?:not|isn't) something (?:that )?i (?:can|am able to|'m able to)\b",
            r"\bi(?:'m| am)? (?:can |only able to |able to )?(?:only|just) (?:help|assist|answer|"
            r"here to)\b|\bi can only\b",
            r"\b(?:outside|beyond) (?:of )?(?:my|what i|the scope)\b|\bagainst (?:my|our) (?:policy|"
            r"policies|guidelines)\b",
            r"\b(?:i decline|i must refuse|i have to refuse|unable to (?:help|assist) with (?:that|this))\b",
            r"\bno (?:le |lo |la |te )?(?:puedo|podré|debo) (?:\w+ )?(?:ayudar|hacer (?:eso|esto)|compartir|"
            r"proporcionar|dar(?:le)?|revelar|escribir|prometer|garantizar|ofrecer|asesorar|recomendar|hablar)",
            r"\b(?:solo|sólo|únicamente) (?:puedo|respondo|estoy aquí)\b|\bno comparto\b|\bfuera de mi\b",
            r"(?:我|这个我|恕我|抱歉[，,]?)?(?:不能|无法|不可以|不便|没办法)(?:帮|协助|提供|透露|分享|给出|回答这|承诺|保证|写|"
            r"这样做|做这)|帮不上忙|我只能(?:回答|帮|协助)|不会透露|超出了?我",
        )
    ),
    re.IGNORECASE,
)
HANDS_OVER = re.compile(
    "|".join(
        (
            r"\bi(?:'ll| will| am|'m|'ve| have)? (?:going to |now )?(?:connect|transfer|hand|pass|put|forward|escalat)"
            r"(?:e|ing|ed)? (?:you|this|your|the (?:chat|conversation))\b",
            r"\b(?:person|people|(?:colleague|agent|specialist|representative|teammate)s?|human|"
            r"one of us)\b[^.!?]{0,40}\b(?:will|is"
            r" going to|takes?) (?:take )?(?:over|be with you|contact you|get back|reply|join|continue)",
            r"\ble (?:comunico|paso|transfiero|conecto|pongo en contacto) con\b",
            r"\buna? (?:persona|colega|compañer[oa]|agente|especialista)\b[^.!?]{0,30}\b(?:le|lo|"
            r"la) (?:atender|contactar|"
            r"responder|ayudar)á",
            r"(?:为您|帮您|将您|把您)?转(?:接|交|到)[^。！？]{0,8}(?:人工|同事|专员|客服)",
        )
    ),
    re.IGNORECASE,
)
ASKS_BACK = re.compile(
    r"\b(?:please|could you|can you|would you)\b[^.!?]{0,20}\b(?:tell me (?:which|what|more|when|whether)|"
    r"clarify|specify|"
    r"confirm which|let me know (?:which|what|whether))|\bdo you mean\b|"
    r"\b(?:podría|puede|por favor)\b[^.!?]{0,20}\b(?:decirme|dígame|aclarar|especificar|indicarme|indique)\b|"
    r"请(?:告诉我|说明|问您)|您(?:是)?指的?是",
    re.IGNORECASE,
)
GREETING = re.compile(
    r"\W*(?:(?:hi|hello|hey|thanks?|thank you|good (?:question|morning|afternoon|evening)|great question|sorry|"
    r"i(?:'m| am) sorry|i understand|hola|gracias|lo siento|entiendo|buena pregunta|您好|你好|谢谢|抱歉|对不起)"
    r"[^.!?。！？]{0,80}[.!?。！？]?\W*)",
    re.IGNORECASE,
)
