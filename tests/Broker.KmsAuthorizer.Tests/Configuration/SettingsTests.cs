using System.Net;
using Broker.Cryptography;
using Broker.Foundation.Settings;
using Broker.KmsAuthorizer.Configuration;
using Broker.KmsAuthorizer.Ethereum;

namespace Broker.KmsAuthorizer.Tests.Configuration;

public sealed class SettingsTests
{
    private const string Contract = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";

    [Fact]
    public void Listens_on_loopback_9200_and_goes_by_a_file_unless_told_otherwise()
    {
        var byFile = new PolicyFileSettings("./auth-config.json");

        Read([]).ShouldBe(new AuthorizerSettings(IPAddress.Loopback, 9200, byFile));
    }

    [Fact]
    public void Understands_the_reference_authorizers_environment_files()
    {
        Read([], ("PORT", "3000"), ("HOST", "0.0.0.0"), ("AUTH_CONFIG_PATH", "/etc/kms/auth-config.json"))
            .ShouldBe(new AuthorizerSettings(IPAddress.Any, 3000, new PolicyFileSettings("/etc/kms/auth-config.json")));

        var ethereum = Read(
            [], ("BROKER_KMS_AUTH_BACKEND", "ethereum"), ("ETH_RPC_URL", "https://node.example/v2/key"),
            ("KMS_CONTRACT_ADDR", Contract), ("ETH_CHAIN_ID", "11155111"), ("ETH_FINALITY_CONFIRMATIONS", "12"));
        ethereum.Backend.ShouldBe(new EthereumSettings(
            new Uri("https://node.example/v2/key"), EthereumAddress.Parse(Contract), 11155111,
            new BlockChoice.Below(12), TimeSpan.FromHours(1), TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void Reads_switches_and_times_as_the_kms_does()
    {
        var read = Read(
            [], ("BROKER_KMS_AUTH_BACKEND", "ethereum"), ("ETH_RPC_URL", "http://node.example"),
            ("KMS_CONTRACT_ADDR", Contract), ("BROKER_KMS_AUTH_ETH_ALLOW_HTTP", "1"),
            ("BROKER_KMS_AUTH_ETH_MAX_BLOCK_AGE", "2h"), ("BROKER_KMS_AUTH_ETH_TIMEOUT", "1m"));

        var chain = read.Backend.ShouldBeOfType<EthereumSettings>();
        chain.MaxBlockAge.ShouldBe(TimeSpan.FromHours(2));
        chain.Timeout.ShouldBe(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void Prefers_the_command_line_to_our_names_and_our_names_to_the_references()
    {
        Read(["--port", "1"], ("BROKER_KMS_AUTH_PORT", "2"), ("PORT", "3")).Port.ShouldBe(1);
        Read([], ("BROKER_KMS_AUTH_PORT", "2"), ("PORT", "3")).Port.ShouldBe(2);
        Read([], ("BROKER_KMS_AUTH_PORT", ""), ("PORT", "3")).Port.ShouldBe(3);
        Read(["--bind", "::1"]).Bind.ShouldBe(IPAddress.IPv6Loopback);
    }

    [Theory]
    [InlineData("BROKER_KMS_AUTH_PORT", "65536")]
    [InlineData("BROKER_KMS_AUTH_PORT", "-1")]
    [InlineData("BROKER_KMS_AUTH_PORT", " 80")]
    [InlineData("BROKER_KMS_AUTH_BIND", "example.com")]
    [InlineData("BROKER_KMS_AUTH_BACKEND", "Ethereum")]
    [InlineData("PORT", "http")]
    public void Names_the_variable_at_fault_and_its_value(string name, string value)
    {
        var fault = Faults([], (name, value)).ShouldHaveSingleItem();

        fault.ToString().ShouldStartWith($"BOOT_FAIL: {name}=\"{value}\": ");
        fault.ToString().ShouldEndWith("; see README#kms-authorizer");
    }

    [Theory]
    [InlineData("KMS_CONTRACT_ADDR", "0x0000000000000000000000000000000000000000")]
    [InlineData("KMS_CONTRACT_ADDR", "0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")]
    [InlineData("KMS_CONTRACT_ADDR", "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")]
    [InlineData("ETH_CHAIN_ID", "0x1")]
    [InlineData("BROKER_KMS_AUTH_ETH_FINALITY", "latest")]
    [InlineData("BROKER_KMS_AUTH_ETH_FINALITY", "1000001")]
    [InlineData("BROKER_KMS_AUTH_ETH_MAX_BLOCK_AGE", "1d")]
    [InlineData("BROKER_KMS_AUTH_ETH_TIMEOUT", "0")]
    [InlineData("BROKER_KMS_AUTH_ETH_TIMEOUT", "61")]
    [InlineData("ETH_RPC_URL", "node.example")]
    [InlineData("ETH_RPC_URL", "ftp://node.example")]
    [InlineData("ETH_RPC_URL", "https://user:password@node.example")]
    [InlineData("ETH_RPC_URL", "http://node.example/v2/key")]
    [InlineData("BROKER_KMS_AUTH_ETH_RPC_URL_FILE", "/nowhere/rpc-url")]
    public void Refuses_a_chain_setting_that_it_could_misread(string name, string value)
    {
        var variables = new Dictionary<string, string>
        {
            ["BROKER_KMS_AUTH_BACKEND"] = "ethereum",
            ["ETH_RPC_URL"] = "https://node.example",
            ["KMS_CONTRACT_ADDR"] = Contract,
            [name] = value,
        };
        if (name.EndsWith("_FILE", StringComparison.Ordinal)) variables.Remove("ETH_RPC_URL");

        var fault = Reading.Faults([], variables).ShouldHaveSingleItem();

        fault.Variable.ShouldBe(name);
    }

    [Fact]
    public void Reports_every_fault_of_one_start_and_never_the_nodes_address()
    {
        var faults = Faults(
            [], ("BROKER_KMS_AUTH_BACKEND", "ethereum"), ("ETH_RPC_URL", "http://node.example/v2/key"),
            ("PORT", "x"));

        faults.Select(fault => fault.Variable)
            .ShouldBe(["PORT", "ETH_RPC_URL", "BROKER_KMS_AUTH_ETH_CONTRACT"]);
        faults.ShouldAllBe(fault => !fault.ToString().Contains("node.example", StringComparison.Ordinal));
    }

    [Fact]
    public void Shows_of_the_nodes_address_only_where_it_is()
    {
        var settings = Read(
            [], ("BROKER_KMS_AUTH_BACKEND", "ethereum"), ("ETH_RPC_URL", "https://node.example:8443/v2/key?k=secret"),
            ("KMS_CONTRACT_ADDR", Contract));

        settings.ToString().ShouldContain("https://node.example:8443");
        settings.ToString().ShouldNotContain("key");
    }

    [Theory]
    [InlineData("http://127.0.0.1:8545")]
    [InlineData("http://localhost:8545")]
    [InlineData("http://[::1]:8545")]
    public void Permits_plain_http_to_this_machine(string url) => Faults(
        [], ("BROKER_KMS_AUTH_BACKEND", "ethereum"), ("ETH_RPC_URL", url), ("KMS_CONTRACT_ADDR", Contract))
        .ShouldBeEmpty();

    [Fact]
    public void Permits_plain_http_to_another_machine_only_when_told_so() => Faults(
        [], ("BROKER_KMS_AUTH_BACKEND", "ethereum"), ("ETH_RPC_URL", "http://10.0.2.2:8545"),
        ("KMS_CONTRACT_ADDR", Contract), ("BROKER_KMS_AUTH_ETH_ALLOW_HTTP", "true")).ShouldBeEmpty();

    [Fact]
    public void Takes_the_nodes_address_from_a_credential_file_but_not_from_two_places()
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, "https://node.example/v2/key\n");
        try
        {
            (string, string)[] given =
            [
                ("BROKER_KMS_AUTH_BACKEND", "ethereum"), ("KMS_CONTRACT_ADDR", Contract),
                ("BROKER_KMS_AUTH_ETH_RPC_URL_FILE", path),
            ];

            Read([], given).Backend.ShouldBeOfType<EthereumSettings>()
                .RpcUrl.ShouldBe(new Uri("https://node.example/v2/key"));
            (string, string)[] twice = [.. given, ("ETH_RPC_URL", "https://other.example")];
            Faults([], twice).ShouldHaveSingleItem().Variable.ShouldBe("BROKER_KMS_AUTH_ETH_RPC_URL_FILE");

            File.WriteAllText(path, "");
            Read([], twice).Backend.ShouldBeOfType<EthereumSettings>()
                .RpcUrl.ShouldBe(new Uri("https://other.example"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("--prot", "9300")]
    [InlineData("--port")]
    [InlineData("serve")]
    public void Refuses_an_argument_that_it_does_not_know(params string[] arguments) =>
        Faults(arguments).ShouldHaveSingleItem().Value.ShouldBe(arguments[0]);

    [Fact]
    public void Documents_every_variable_in_its_help()
    {
        foreach (var variable in Variables.All)
        {
            Usage.Text.ShouldContain($"\n  {variable.Name}");
            if (variable.Default is { } standard) Usage.Text.ShouldContain($"(default {standard})");
        }
    }

    private static AuthorizerSettings Read(string[] arguments, params (string Name, string Value)[] variables) =>
        Reading.Of(arguments, variables.ToDictionary(pair => pair.Name, pair => pair.Value));

    private static IReadOnlyList<BootFault> Faults(
        string[] arguments, params (string Name, string Value)[] variables) =>
        Reading.Faults(arguments, variables.ToDictionary(pair => pair.Name, pair => pair.Value));
}
