"""People grade answers by a rubric, without knowing who wrote them or what anybody else said."""
