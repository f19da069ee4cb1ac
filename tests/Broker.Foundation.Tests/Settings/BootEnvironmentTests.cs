using Broker.Foundation.Settings;

namespace Broker.Foundation.Tests.Settings;

/// <summary>How a start reads its variables, and what it says of those that are wrong.</summary>
public sealed class BootEnvironmentTests
{
    private static readonly Setting<int> Port =
        new("HOUSE_PORT", "House", "where it listens", SettingForms.Port)
        { Default = "80", Form = "0 to 65535", Anchor = "listening", Aliases = ["OLD_PORT", "PORT"] };

    private static readonly Setting<string> Token =
        new("HOUSE_TOKEN", "House", "who may enter", SettingForms.OneOf("open-sesame"))
        { Form = "a word", Anchor = "doors", Secret = true };

    private static readonly Setting<Uri> Peer =
        new("HOUSE_PEER", "House", "its neighbour", SettingForms.HttpUrl)
        { Form = "http(s)://host", Anchor = "doors", IsAddress = true, ComesFirst = true };

    [Fact]
    public void The_own_name_wins_over_the_aliases_in_their_order_and_empty_is_unset()
    {
        Of(("HOUSE_PORT", "1"), ("OLD_PORT", "2"), ("PORT", "3")).Read(Port).ShouldBe(1);
        Of(("HOUSE_PORT", ""), ("OLD_PORT", "2"), ("PORT", "3")).Read(Port).ShouldBe(2);
        Of(("PORT", "3")).Read(Port).ShouldBe(3);
        Of().Read(Port).ShouldBe(80);
        Of(("PORT", "3")).With(Port, "4").Read(Port).ShouldBe(4);
    }

    [Fact]
    public void A_fault_names_the_variable_as_the_operator_wrote_it()
    {
        var boot = Of(("OLD_PORT", "http"));

        Line(() => boot.Read(Port)).ShouldBe(
            "BOOT_FAIL: OLD_PORT=\"http\": could not be parsed as a port number; see README#listening");
        boot.Fail(Port, "is taken").Line.ShouldBe("BOOT_FAIL: OLD_PORT=\"http\": is taken; see README#listening");
    }

    [Fact]
    public void A_missing_variable_is_told_with_its_form() => Line(() => Of().Read(Token)).ShouldBe(
        "BOOT_FAIL: HOUSE_TOKEN=\"\": missing required variable (a word); see README#doors");

    [Fact]
    public void Neither_a_secret_nor_the_secret_part_of_an_address_is_shown()
    {
        Line(() => Of(("HOUSE_TOKEN", "open-window")).Read(Token)).ShouldBe(
            "BOOT_FAIL: HOUSE_TOKEN=\"<secret>\": must be one of open-sesame; see README#doors");
        Line(() => Of(("HOUSE_PEER", "https://user:pass-word@peer/?key=query-secret")).Read(Peer))
            .ShouldStartWith("BOOT_FAIL: HOUSE_PEER=\"https://peer/\": ");
    }

    [Fact]
    public void A_fault_is_one_line_whatever_the_value_is() =>
        Line(() => Of(("HOUSE_PORT", "80\n\u0007BOOT_FAIL")).Read(Port))
            .ShouldStartWith("BOOT_FAIL: HOUSE_PORT=\"80  BOOT_FAIL\": ");

    [Fact]
    public void All_faults_of_a_start_are_told_at_once_each_variable_once_and_the_first_one_first()
    {
        var boot = Of(("PORT", "http"), ("HOUSE_TOKEN", "x"), ("HOUSE_PEER", "peer"));
        var faults = new BootFaults();

        faults.CheckForms(boot, [Port, Token, Peer]);
        faults.Try(() => boot.Read(Port)).ShouldBe(0);
        var fail = Should.Throw<BootFailException>(faults.ThrowIfAny);

        fail.Faults.Select(fault => fault.Variable).ShouldBe(["HOUSE_PEER", "PORT", "HOUSE_TOKEN"]);
        fail.Line.Split('\n').Length.ShouldBe(3);
    }

    [Fact]
    public void A_variable_that_looks_like_a_setting_and_is_none_is_found() =>
        Of(("BROKER_PROT", "1"), ("BROKER_PORT", "2"), ("HOME", "/root"))
            .NamesBeside(new HashSet<string> { "BROKER_PORT" }).ShouldBe(["BROKER_PROT"]);

    private static BootEnvironment Of(params (string Name, string Value)[] variables) =>
        new(variables.ToDictionary(one => one.Name, one => one.Value));

    private static string Line(Func<object?> read) => Should.Throw<BootFailException>(() => { read(); }).Line;
}
