using Broker.Ledger.Postgres.Connections;
using Npgsql;

namespace Broker.Ledger.Tests.Postgres;

public sealed class PostgresAddressTests
{
    [Theory]
    [InlineData("postgres://broker@db.example.com:5433/ledger", "broker", "db.example.com", 5433, "ledger", false)]
    [InlineData("postgres://broker@db/ledger", "broker", "db", 5432, "ledger", false)]
    [InlineData("postgres://b-1.x_@10.0.0.7:1/l", "b-1.x_", "10.0.0.7", 1, "l", false)]
    [InlineData("postgres://b@[2001:db8::1]:65535/l", "b", "2001:db8::1", 65535, "l", false)]
    [InlineData("postgres://b@localhost/l", "b", "localhost", 5432, "l", true)]
    [InlineData("postgres://b@127.0.0.1/l", "b", "127.0.0.1", 5432, "l", true)]
    [InlineData("postgres://b@127.9.9.9/l", "b", "127.9.9.9", 5432, "l", true)]
    [InlineData("postgres://b@[::1]/l", "b", "::1", 5432, "l", true)]
    [InlineData("postgres://b@%2Fvar%2Frun%2Fpostgresql/l", "b", "/var/run/postgresql", 5432, "l", true)]
    [InlineData("postgres://b@%2fvar%2frun:5433/l", "b", "/var/run", 5433, "l", true)]
    public void Reads_the_form(string text, string user, string host, int port, string database, bool isLocal)
    {
        var address = PostgresAddress.Parse(text);

        (address.User, address.Host, address.Port, address.Database).ShouldBe((user, host, port, database));
        address.IsLocal.ShouldBe(isLocal);
        PostgresAddress.Parse(address.ToString()).ShouldBe(address);
    }

    [Theory]
    [InlineData("")]
    [InlineData("postgresql://b@h/l")]
    [InlineData("POSTGRES://b@h/l")]
    [InlineData(" postgres://b@h/l")]
    [InlineData("postgres://b@h/l ")]
    [InlineData("postgres://h/l")]
    [InlineData("postgres://@h/l")]
    [InlineData("postgres://b@/l")]
    [InlineData("postgres://b@h")]
    [InlineData("postgres://b@h/")]
    [InlineData("postgres://b@h/l/m")]
    [InlineData("postgres://b@h/l?sslmode=disable")]
    [InlineData("postgres://b@h/l#x")]
    [InlineData("postgres://b@h:/l")]
    [InlineData("postgres://b@h:0/l")]
    [InlineData("postgres://b@h:05432/l")]
    [InlineData("postgres://b@h:65536/l")]
    [InlineData("postgres://b@h:999999/l")]
    [InlineData("postgres://b@h:+1/l")]
    [InlineData("postgres://b@h:54:32/l")]
    [InlineData("postgres://b@h,i/l")]
    [InlineData("postgres://b@h;Ssl Mode=Disable/l")]
    [InlineData("postgres://b@127.1/l")]
    [InlineData("postgres://b@2130706433/l")]
    [InlineData("postgres://b@0127.0.0.1/l")]
    [InlineData("postgres://b@0x7f000001/l")]
    [InlineData("postgres://b@1.2.3.4.5/l")]
    [InlineData("postgres://b@[127.0.0.1]/l")]
    [InlineData("postgres://b@[::1/l")]
    [InlineData("postgres://b@[fe80::1%25eth0]/l")]
    [InlineData("postgres://b@::1/l")]
    [InlineData("postgres://b@-h/l")]
    [InlineData("postgres://b@h..i/l")]
    [InlineData("postgres://b@%2Ftmp%00/l")]
    [InlineData("postgres://b@%2Ftmp%2F@evil/l")]
    [InlineData("postgres://b c@h/l")]
    [InlineData("postgres://b@h/l'm")]
    public void Refuses_all_else(string text) =>
        Should.Throw<FormatException>(() => PostgresAddress.Parse(text)).Message.ShouldContain(PostgresAddress.Form);

    [Fact]
    public void Refuses_what_is_too_long()
    {
        var long64 = new string('x', 64);
        Should.Throw<FormatException>(() => PostgresAddress.Parse($"postgres://{long64}@h/l"));
        Should.Throw<FormatException>(() => PostgresAddress.Parse($"postgres://b@h/{long64}"));
        Should.Throw<FormatException>(() => PostgresAddress.Parse($"postgres://b@{long64}/l"));
        Should.Throw<FormatException>(() => PostgresAddress.Parse($"postgres://b@{new string('x', 100_000)}/l"));
        Should.Throw<FormatException>(
            () => PostgresAddress.Parse($"postgres://b@{string.Concat(Enumerable.Repeat("%2Ftmp", 21))}/l"));
    }

    [Theory]
    [InlineData("postgres://b:hunter2@h/l")]
    [InlineData("postgres://b:hunter2@h:5432/l?x")]
    [InlineData("postgres://b:hun@ter2@h/l")]
    [InlineData("postgres://b:@h/l")]
    public void A_password_is_refused_without_being_repeated(string text)
    {
        var said = Should.Throw<FormatException>(() => PostgresAddress.Parse(text)).Message;

        said.ShouldNotContain("hunter2");
        said.ShouldNotContain("ter2");
        if (!text.Contains('?', StringComparison.Ordinal)) said.ShouldContain("into a file with mode 0600");
    }

    [Theory]
    [InlineData("postgres://b@db.example/l", SslMode.VerifyFull)]
    [InlineData("postgres://b@10.0.0.7/l", SslMode.VerifyFull)]
    [InlineData("postgres://b@localhost.example/l", SslMode.VerifyFull)]
    [InlineData("postgres://b@127.0.0.1.example/l", SslMode.VerifyFull)]
    [InlineData("postgres://b@[2001:db8::1]/l", SslMode.VerifyFull)]
    [InlineData("postgres://b@[::ffff:10.0.0.7]/l", SslMode.VerifyFull)]
    [InlineData("postgres://b@[::1]/l", SslMode.Prefer)]
    [InlineData("postgres://b@localhost/l", SslMode.Prefer)]
    [InlineData("postgres://b@%2Ftmp/l", SslMode.Disable)]
    public void A_server_elsewhere_proves_its_name(string text, SslMode mode)
    {
        var settings = PostgresSource.Settings(new PostgresAccess { Address = PostgresAddress.Parse(text) });

        settings.SslMode.ShouldBe(mode);
        settings.Password.ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("1st")]
    [InlineData("Ledger")]
    [InlineData("led\"ger")]
    [InlineData("pg_catalog")]
    public void A_schema_has_a_plain_name(string name) => Should.Throw<ArgumentException>(
        () => new PostgresAccess { Address = PostgresAddress.Parse("postgres://b@h/l"), Schema = name });
}
