"""The protocol clients against real servers, and against another implementation's bytes."""

import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "jobs", "scripts")]

import fakes
import wire


@unittest.skipUnless(fakes.RealRedis.available, "SKIPPED: redis-server is not installed")
class RedisTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = fakes.RealRedis()
        cls.addClassCleanup(cls.server.stop)

    def test_commands_and_binary_values(self):
        with wire.Redis(self.server.url) as client:
            self.assertEqual(client.call("PING"), "PONG")
            self.assertEqual(client.call("SET", "key", b"\r\n\0\xff"), "OK")
            self.assertEqual(client.call("GET", "key"), b"\r\n\0\xff")
            self.assertIsNone(client.call("GET", "absent"))
            client.call("RPUSH", "list", "a", "b")
            self.assertEqual(client.call("LRANGE", "list", 0, -1), [b"a", b"b"])

    def test_wrong_password_is_named_but_not_shown(self):
        with self.assertRaises(wire.WireError) as caught:
            wire.Redis(f"redis://:not-the-password@127.0.0.1:{self.server.port}")
        self.assertIn("AUTH", str(caught.exception))
        self.assertNotIn("not-the-password", str(caught.exception))

    def test_no_server(self):
        with self.assertRaisesRegex(wire.WireError, "cannot connect"):
            wire.Redis(f"redis://127.0.0.1:{fakes.free_port()}")


@unittest.skipUnless(fakes.RealPostgres.available, "SKIPPED: no PostgreSQL server is installed")
class PostgresTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = fakes.RealPostgres()
        cls.addClassCleanup(cls.server.stop)

    def test_scram_and_queries(self):
        with wire.Postgres(self.server.dsn()) as session:
            self.assertEqual(session.query("SELECT 1, NULL, 'ü'"), [["1", None, "ü"]])
            with self.assertRaisesRegex(wire.WireError, "42P01"):
                session.query("SELECT * FROM nowhere")
            self.assertEqual(session.query("SELECT 2"), [["2"]], "a failed statement leaves the session usable")

    def test_wrong_password(self):
        with self.assertRaisesRegex(wire.WireError, "28P01"):
            wire.Postgres(self.server.dsn().replace(self.server.password, "wrong"))

    def test_tls_that_is_asked_for_must_be_there(self):
        with self.assertRaisesRegex(wire.WireError, "has no TLS"):
            wire.Postgres(self.server.dsn() + "?sslmode=verify-full")


class KafkaTest(unittest.TestCase):
    def setUp(self):
        self.broker = fakes.FakeKafka()
        self.addCleanup(self.broker.stop)

    def test_checksum_is_castagnoli(self):
        # The check value of CRC-32C in RFC 3720, appendix B.4, and the usual nine digits.
        self.assertEqual(wire.crc32c(bytes(32)), 0x8A9136AA)
        self.assertEqual(wire.crc32c(b"123456789"), 0xE3069283)

    def test_round_trip(self):
        with wire.Kafka(self.broker.bootstrap) as client:
            self.assertEqual(client.round_trip("soma.audit", b"one"), [("127.0.0.1", self.broker.port)])
            client.round_trip("soma.audit", b"x" * 5000)
        self.assertEqual(len(self.broker.log), 2)

    def test_url_prefix_and_second_server(self):
        with wire.Kafka(f"kafka://127.0.0.1:{fakes.free_port()},127.0.0.1:{self.broker.port}") as client:
            client.round_trip("soma.audit", b"one")

    def test_unknown_topic(self):
        with wire.Kafka(self.broker.bootstrap) as client, self.assertRaisesRegex(wire.WireError, "unknown topic"):
            client.round_trip("absent", b"one", seconds=0.1)

    def test_refused_produce(self):
        self.broker.errors[wire.Kafka.PRODUCE] = 29
        with wire.Kafka(self.broker.bootstrap) as client, self.assertRaisesRegex(wire.WireError, "topic authorization failed"):
            client.round_trip("soma.audit", b"one")

    def test_an_advertised_broker_that_cannot_be_reached(self):
        broker = fakes.FakeKafka(advertised=fakes.free_port())
        self.addCleanup(broker.stop)
        with wire.Kafka(broker.bootstrap) as client, self.assertRaisesRegex(wire.WireError, "cannot connect"):
            client.round_trip("soma.audit", b"one")

    def test_not_a_bootstrap_list(self):
        for text in ("", "sb-kafka", "sb-kafka:http"):
            with self.subTest(text), self.assertRaises(wire.WireError):
                wire.Kafka(text)

    def test_batches_are_those_of_kafka_python(self):
        try:
            from kafka.record.default_records import DefaultRecordBatch
        except ImportError:
            self.skipTest("SKIPPED: kafka-python is not installed")
        batch = DefaultRecordBatch(wire.record_batch([b"one", b"y" * 300], 1_700_000_000_000))
        self.assertTrue(batch.validate_crc())
        self.assertEqual([(record.offset, record.value) for record in batch], [(0, b"one"), (1, b"y" * 300)])


if __name__ == "__main__":
    unittest.main()
