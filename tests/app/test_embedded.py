import pytest
from django.db import connection
from django.core.cache import cache


@pytest.mark.django_db
def test_the_database_has_vectors_of_half_precision():
    with connection.cursor() as cursor:
        cursor.execute("select ('[1,2,3]'::halfvec(3) <=> '[1,2,4]'::halfvec(3))::text, version()")
        print(cursor.fetchone())
        cursor.execute("select count(*) from knowledge_collection")
    cache.set("a", 1)
    assert cache.get("a") == 1
