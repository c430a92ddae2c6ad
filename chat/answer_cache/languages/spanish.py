"""Spanish: what its words say alike, and what they turn round. All is written without accents, as many type it."""

from __future__ import annotations

from chat.answer_cache.languages.lexicon import Lexicon, grouped, paired, words
from chat.answer_cache.languages.spanish_phrases import KINDS, REWRITINGS

SAME = grouped(
    """
    cancelar cerrar anular
    eliminar borrar quitar
    cargo costo coste gasto recargo tarifa
    costo precio coste costar cuesta
    casa vivienda hogar
    comprar compra adquirir
    documento papel
    enviar mandar envio
    envio entrega entregar
    paquete envio
    articulo producto
    reembolso devolucion
    devolver retornar
    subir aumentar incrementar
    bajar disminuir reducir
    cambiar actualizar modificar editar cambio
    empezar comenzar iniciar inicio
    error problema
    obtener recibir conseguir
    ver consultar encontrar
    solicitar pedir
    recuperar restaurar
    imagen foto
    reserva reservar
    maleta equipaje
    roto defectuoso danado
    barato economico
    rapido pronto
    nino hijo
    medico doctor
    vacaciones
    empleado trabajador
    contactar comunicarse contacto
    coche carro auto automovil
    tienda
    sitio web pagina
    verificar comprobar confirmar
    reconocer identificar detectar
    fraude estafa
    variable ajustable
    maximo mayor
    minimo menor
    proximo siguiente
    ultimo anterior
    todo cada
    ahora actual actualmente
    hoy actual
    transferir pasar mover transferencia
    hipoteca hipotecario
    desactivar apagar deshabilitar
    activar encender habilitar
    telefono
    celular movil
    computadora ordenador
    enganche entrada
    contrasena clave
    presentar poner
    alberca piscina
    lentes gafas anteojos
    autonomo independiente
    cubrir incluir cubierto incluido
    adicional extra
    llevar traer
    aceptar
    """,
    "es",
)
LEMMAS = paired(
    """
    pagar: pago pagos paga pagan pague pagado pagada pagas pagamos
    cerrar: cierro cierra cierre cerrado cerrada cierran
    abrir: abro abre abierto abierta abren
    empezar: empiezo empieza
    costar: cuesta cuestan costo costos
    perder: pierdo perdi perdido
    poder: puedo puede
    devolver: devuelvo devuelve devuelto
    mover: muevo
    pedir: pido
    olvidar: olvide olvido
    restablecer: restablezco
    obtener: obtengo obtiene
    conseguir: consigo
    subir: subio sube subido
    bajar: baja bajado
    aumentar: aumento aumento
    reducir: reduzco
    vencer: vence vencen vencimiento
    cobrar: cobro cobran cobra
    cubrir: cubre cubierto cubiertos cubierta cubren
    incluir: incluye incluido incluida
    elegir: elijo
    enviar: envio envia envian
    refinanciar: refinanciacion refinanciamiento refinancio
    desactivar: desactivo desactiva
    activar: activo activa
    cancelar: cancelo cancela cancelacion
    eliminar: elimino elimina
    transferir: transfiero transfiere
    """
)

SPANISH = Lexicon(
    language="es",
    light=words(
        """
        a al algo ante como con cual cuales cualquier cuando cuanta cuantas cuanto cuantos de del desde donde
        adonde el
        ella en entre era es esa esas ese eso esos esta estan estas este esto estos estoy fue ha han has hay
        he la las le
        les lo los me mi mis mia mio muy nos nosotros o os para pero por porque pues puede pueden puedo
        podria que quien
        quienes se sea ser si son soy su sus suyo tambien te tenemos tengo tiene tienen tienes tu un una unas uno unos
        usted ustedes y ya yo hago hacer hace hacen haga quiero quisiera querria gustaria necesito necesita necesitan
        necesario obligatorio debo debe deben saber decir dime diga explicar ayudar ayuda favor hola gracias buenos
        buenas posible permite permiten permitido cosa informacion sobre e u
        significa significado
        """
    ),
    optional=words(
        """
        obtener obtengo recibir ver veo consultar consulto encontrar encuentro ahora actual actuales actualmente
        disponible disponibles pasa
        """
    ),
    negators=words("no nunca jamas sin ni ningun ninguna ninguno nada nadie tampoco excepto salvo"),
    groups=SAME,
    lemmas=LEMMAS,
    markers=words("a al de del desde hasta en con por para si cuando que antes despues hacia sobre porque segun"),
    telling_markers=words("antes despues hasta desde"),
    breaks=words(", pero y o si cuando porque aunque mientras"),
    owners=paired("the customer's: mi mis nuestra nuestro mio mia"),
    modals=paired(
        """
        can: puedo puede pueden podemos podria posible permite permiten permitido
        must: debo debe deben necesito necesita necesitan necesario obligatorio obligatoria requiere requieren requisito
        """
    ),
    tenses=paired("future: sera seran"),
    joins=paired("and: y e\nor: o u"),
    persons={},
    rewritings=REWRITINGS,
    kinds=KINDS,
)
