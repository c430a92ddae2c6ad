"""Spanish turns of phrase that say one thing, and how questions show what they ask for."""

from __future__ import annotations

from chat.answer_cache.languages.lexicon import kinds, rewritings

REWRITINGS = rewritings(
    r"""
    (?:hola|buenos dias|buenas tardes|buenas noches|muchas gracias|gracias|por favor|disculpe|perdon) → ,
    (?:me )?(?:puede|puedes|podria|podrian|pueden) (?:usted )?(?:decirme|decir|explicarme|explicar|indicarme|\
        indicar|ayudarme a|ayudar a)(?: saber)? → ,
    (?:digame|dime|expliqueme|quiero saber|quisiera saber|me gustaria saber|necesito saber|no se|sabe usted|saben) → ,
    (?:quiero|quisiera|querria|me gustaria|deseo|necesito)(?= \w+[aei]r(?:me|lo|la)?(?!\S)) → ,
    como (?:lo|la|le) hago → como
    como (?:puedo|podria|se puede|hago para|debo|tengo que|le hago para) → como
    (?:es|seria) posible → puedo
    (?:se puede|se permite|esta permitido|estan permitidos) → puedo
    se permiten → puedo
    (?:tengo|tiene|tenemos|hay) que → debo
    (?:es|son) (?:obligatori[oa]s?|necesari[oa]s?|requerid[oa]s?)(?: tener)? → debo
    que significa(?: el| la)? → que es
    que quiere decir → que es
    (?:que|cual) (?:es el |tiene |es )?(?:precio|costo|coste)(?: de| del| tiene| es)? → cuanto es
    cuanto (?:cuesta|cuestan|vale|valen|cobran(?: por)?|sale) → cuanto es
    cuanto tiempo (?:tarda|toma|demora|lleva) → cuanto tarda
    cuanto (?:tarda|demora|toma|lleva) → cuanto tarda
    cuanto tiempo → cuanto tarda
    (?:que|cual es el|cual es la) (?:dia|fecha) → cuando
    a que hora → cuando
    (?:adonde|a donde) → donde
    (?:antes de tiempo|por adelantado|anticipadamente) → anticipado
    antes (?:de|del)(?: la| el)? → antes
    despues (?:de|del)(?: la| el)? → despues
    (?:prestamos? hipotecarios?|prestamos? de vivienda) → hipoteca
    pagos? automaticos? → autopago
    cuentas? corrientes? → corriente
    cuentas? de ahorros? → ahorros
    (?:cierro|cerrar|elimino|eliminar|borro|borrar|cancelo|cancelar|cierre) ((?:mi |la |\
        una )?)cuenta → cerrarcuenta \1
    correos? electronicos?|e mail → email
    (?:atencion|servicio) al cliente → soporte
    (?:contactar|contacto|comunicarme|hablar) con → contactar
    (?:estados unidos|ee uu|eeuu) → usa
    por ciento → porciento
    (?:al|por|cada) mes|mensual|mensuales|mensualmente → mensual
    (?:al|por|cada) ano|anual|anuales|anualmente → anual
    (?:al|por|cada) dia|diario|diaria → diario
    (?:por|cada) hora → porhora
    (?:que viene|proximo|siguiente) → proximo
    (?:en este momento|hoy en dia) → ahora
    trabajo remoto|desde casa → teletrabajo
    (?:tienen|ofrecen|hay|tiene|existe|existen|cobran|disponen de) → hay
    (?:me pagan|cobro) → cobro
    """
)
KINDS = kinds(
    r"""
    frequency: cada cuanto|con que frecuencia|cuantas veces
    duration: cuanto tarda|cuanto demora
    amount: cuant[oa]s?
    when: (?:desde |hasta |para )?cuando (?!\w+o )|(?<!\w )cuando
    where how: donde (?:puedo |se puede )?(?:cambi|encuentr|encontr|veo|ver|consult|actualiz|descarg)\w*
    where: donde
    who: quien|quienes
    why: por que
    what: que pasa|que sucede|que ocurre
    todo: que (?:hago|debo hacer|puedo hacer)
    how: (?<!\w )como(?= )
    amount: cual(?:es)? (?:es|son|era|fue) (?:el|la|los|las|mi|su) (?:\S+ ){0,3}?(?:tasas?|cargos?|recargos?|\
        costos?|precios?|tarifas?|montos?|saldo|limite|comision|minim[oa]|maxim[oa]|interes)
    what: cual(?:es)?|(?<!\w )que(?= )|(?:a|de|con|en|por|para) que(?= )
    yes/no: (?:^|, )(?:no )?(?:puedo|puede|pueden|podemos|es|son|hay|tienen?|tengo|debo|debe|ofrecen|aceptan|\
        cobran|esta|estan|existe|se|me|necesito|hacen|incluye|cubre|abren|envian|prestan|conviene)(?= )
    """
)
