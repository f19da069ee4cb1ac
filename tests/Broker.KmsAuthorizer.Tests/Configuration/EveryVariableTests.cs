using Broker.KmsAuthorizer.Configuration;

namespace Broker.KmsAuthorizer.Tests.Configuration;

/// <summary>Every variable with bad values, under each of its names; one without any fails here.</summary>
public sealed class EveryVariableTests
{
    private static readonly Dictionary<string, string[]> Bad = new(StringComparer.Ordinal)
    {
        ["BROKER_KMS_AUTH_BIND"] = ["example.com", "127.0.0.1:80", "300.0.0.1"],
        ["BROKER_KMS_AUTH_PORT"] = ["-1", "65536", "80.5", " 80", "http"],
        ["BROKER_KMS_AUTH_BACKEND"] = ["Ethereum", "file", "config,ethereum"],
        ["BROKER_KMS_AUTH_CONFIG_PATH"] = ["/etc", "/tmp/two\nlines"],
        ["BROKER_KMS_AUTH_ETH_RPC_URL"] =
        [
            "node.example", "ftp://node.example", "https://user:password@node.example", "http://node.example",
            "https://",
        ],
        ["BROKER_KMS_AUTH_ETH_RPC_URL_FILE"] = ["/nowhere/rpc-url", "/etc", "/etc/passwd"],
        ["BROKER_KMS_AUTH_ETH_ALLOW_HTTP"] = ["yes", "TRUE", "2"],
        ["BROKER_KMS_AUTH_ETH_CONTRACT"] =
        [
            "0x0000000000000000000000000000000000000000", "0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0x5aAe",
        ],
        ["BROKER_KMS_AUTH_ETH_CHAIN_ID"] = ["0x1", "-1", "mainnet", "18446744073709551616"],
        ["BROKER_KMS_AUTH_ETH_FINALITY"] = ["latest", "1000001", "-1", "Safe"],
        ["BROKER_KMS_AUTH_ETH_MAX_BLOCK_AGE"] = ["1d", "-1", "31536001"],
        ["BROKER_KMS_AUTH_ETH_TIMEOUT"] = ["0", "61", "soon"],
    };

    public static TheoryData<string> EveryVariable => [.. Variables.All.Select(one => one.Name)];

    [Theory]
    [MemberData(nameof(EveryVariable))]
    public void Refuses_each_bad_value_of(string name)
    {
        var variable = Variables.All.Single(one => one.Name == name);
        foreach (var given in (string[])[variable.Name, .. variable.Aliases])
        {
            foreach (var value in Bad[name])
            {
                var environment = Needed(name);
                environment[given] = value;

                var fault = Reading.Faults([], environment).ShouldHaveSingleItem(value);

                fault.Variable.ShouldBe(given);
                fault.ToString().ShouldEndWith("; see README#kms-authorizer");
                fault.ToString().ShouldNotContain("\n");
                if (variable.Secret) fault.ToString().ShouldNotContain("node.example");
            }
        }
    }

    [Fact]
    public void Refuses_a_file_with_the_nodes_address_that_others_can_read()
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, "https://node.example/v2/key");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        try
        {
            var environment = Needed("BROKER_KMS_AUTH_ETH_RPC_URL_FILE");
            environment["BROKER_KMS_AUTH_ETH_RPC_URL_FILE"] = path;

            Reading.Faults([], environment).ShouldHaveSingleItem()
                .Reason.ShouldContain("may be read or written by others");
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Shows_of_an_argument_no_user_and_no_query() => Reading.Faults(
        ["--rpc=https://user:password@node.example/?key=secret"], []).ShouldHaveSingleItem().ToString()
        .ShouldBe(
            "BOOT_FAIL: argument=\"--rpc=https://node.example/\": --help lists what is accepted; "
            + "see README#kms-authorizer");

    private static Dictionary<string, string> Needed(string about)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["BROKER_KMS_AUTH_ETH_RPC_URL"] = "https://node.example",
            ["BROKER_KMS_AUTH_ETH_CONTRACT"] = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        };
        if (about != "BROKER_KMS_AUTH_CONFIG_PATH") environment["BROKER_KMS_AUTH_BACKEND"] = "ethereum";
        environment.Remove(about);
        if (about == "BROKER_KMS_AUTH_ETH_RPC_URL_FILE") environment.Remove("BROKER_KMS_AUTH_ETH_RPC_URL");
        return environment;
    }
}
