using System.Text;
using Broker.Cryptography;
using Broker.Ledger.Notes;
using Broker.Ledger.Policies;

namespace Broker.Ledger.Tests.Policies;

/// <summary>The productions of C2SP tlog-policy. In the texts a character is the octet of its number.</summary>
public sealed class PolicyGrammarTests
{
    /// <summary>The example of the specification, with keys.</summary>
    public const string Example =
        """
        log $log1

        witness X1 $witness1
        witness X2 $witness2
        witness X3 $witness3
        group X-witnesses 2 X1 X2 X3

        witness Y1 $witness4
        witness Y2 $witness5
        witness Y3 $witness6
        group Y-witnesses any Y1 Y2 Y3

        group X-and-Y all X-witnesses Y-witnesses
        quorum X-and-Y

        """;

    [Fact]
    public void The_example_of_the_specification_is_read_as_it_stands()
    {
        var policy = Read(Example);

        policy.Logs.ShouldHaveSingleItem().Origin.ShouldBe("log1.example");
        policy.Witnesses.Select(one => one.Name).ShouldBe(["X1", "X2", "X3", "Y1", "Y2", "Y3"]);
        policy.Witnesses.Select(one => one.Key.ToString())
            .ShouldBe(Enumerable.Range(1, 6).Select(n => PolicyKeys.Vkey($"witness{n}")));
        policy.Groups.Select(one => (one.Name, one.Threshold, string.Join(' ', one.Members.Select(m => m.Name))))
            .ShouldBe([
                ("X-witnesses", 2, "X1 X2 X3"), ("Y-witnesses", 1, "Y1 Y2 Y3"),
                ("X-and-Y", 2, "X-witnesses Y-witnesses"),
            ]);
        policy.Quorum.ShouldBeSameAs(policy.Groups[2]);
    }

    [Theory]
    [InlineData("What is: only the quorum is mandatory", "quorum none\n")]
    [InlineData("What is: the set of witnesses may be empty", "log $log1\nquorum none\n")]
    [InlineData("Structure: tabs and runs of whitespace", "log\t \t$log1\nquorum \tnone\n")]
    [InlineData("Structure: leading and trailing whitespace", "\t log $log1 \t\n  quorum none\t\n")]
    [InlineData("Structure: empty lines, whitespace only", "\n \t \n\nquorum none\n\n\t\n")]
    [InlineData("Structure: comments", "#\n# log nonsense\n \t# quorum none\n#quorum none\nquorum none\n")]
    [InlineData("Structure: any order of logs and witnesses", "{a}\nlog $log1\nquorum a\n{b}\nlog $log2\n")]
    [InlineData("Structure: a group may follow the quorum", "{a}\nquorum a\ngroup g any a\n")]
    [InlineData("Log: with a URL", "log $log1 https://log.example/\nquorum none\n")]
    [InlineData("Log: the URL's meaning is the application's", "log $log1 not-a-url#at-all\nquorum none\n")]
    [InlineData("Witness: with a URL", "witness a $witness1 https://w.example/\nquorum none\n")]
    [InlineData("Witness: a key's name, as a name",
        "witness witness1.example/w1 $witness1\nquorum witness1.example/w1\n")]
    [InlineData("Witness: any word is a name",
        "witness all $witness1\nwitness any $witness2\nwitness 1 $witness3\ngroup group 2 all any 1\nquorum group\n")]
    [InlineData("Witness: a name may begin with #", "witness #a $witness1\nquorum #a\n")]
    [InlineData("Quorum: a witness", "{a}\nquorum a\n")]
    [InlineData("Group: one member", "{a}\ngroup g all a\nquorum g\n")]
    [InlineData("Group: k = 1", "{a}\n{b}\ngroup g 1 a b\nquorum g\n")]
    [InlineData("Group: k = n", "{a}\n{b}\ngroup g 2 a b\nquorum g\n")]
    [InlineData("Group: of groups", "{a}\ngroup g any a\ngroup h any g\ngroup i any h\nquorum i\n")]
    [InlineData("Group: a member may be the quorum too", "{a}\ngroup g any a\nquorum a\n")]
    [InlineData("Group: what no quorum names", "{a}\ngroup g any a\nquorum none\n")]
    [InlineData("Character set: names are octets",
        "witness K $witness1\nwitness \u00e2\u0084\u00aa $witness2\ngroup \u00ff all K \u00e2\u0084\u00aa\n" +
        "quorum \u00ff\n")]
    [InlineData("Character set: octets in comments and URLs",
        "# \u0080\u00ff\nlog $log1 https://\u00e4.example\nquorum none\n")]
    [InlineData("Character set: a no-break space is no whitespace",
        "witness a\u00c2\u00a0b $witness1\nquorum a\u00c2\u00a0b\n")]
    public void Accepts(string clause, string text)
    {
        TlogPolicy.TryParse(PolicyKeys.File(text), out _, out var fault).ShouldBeTrue($"{clause}: {fault}");

        fault.ShouldBeNull(clause);
    }

    [Theory]
    [InlineData("Structure: exactly one quorum", "", "there is no line \"quorum\"")]
    [InlineData("Structure: exactly one quorum", "log $log1\n# quorum none\n", "there is no line \"quorum\"")]
    [InlineData("Quorum: exactly one", "quorum none\nquorum none\n", "line 2: a second quorum")]
    [InlineData("Structure: each line is terminated", "{a}\nquorum a", "line 2: the line does not end")]
    [InlineData("Structure: known lines", "logs $log1\nquorum none\n", "line 1: begins with \"logs\"")]
    [InlineData("Structure: known lines", "quorum none\n\nLog $log1\n", "line 3: begins with \"Log\"")]
    [InlineData("Structure: known lines", "\u00ef\u00bb\u00bfquorum none\n", "line 1: begins with")]
    [InlineData("Structure: whitespace is space and tab", "log\u00c2\u00a0$log1\nquorum none\n", "line 1: begins with")]
    [InlineData("Structure: no comment behind a line", "quorum none # no witness\n", "line 1: wants: quorum")]
    [InlineData("Log: form", "log\nquorum none\n", "line 1: wants: log <vkey>")]
    [InlineData("Log: form", "log $log1 https://log.example more\nquorum none\n", "line 1: wants: log <vkey>")]
    [InlineData("Log: a vkey", "log log1.example\nquorum none\n", "line 1: \"log1.example\" is not a verifier key")]
    [InlineData("Log: a vkey of its own id",
        "log log1.example+00000000+ASwIYXNkZg==\nquorum none\n", "is not a verifier key")]
    [InlineData("Log: a log's signature type", "log $witness1\nquorum none\n", "line 1: the vkey is not a log's")]
    [InlineData("Log: duplicates",
        "log $log1\nlog $log1 https://other.example\nquorum none\n",
        "line 2: the public key is already that of another log")]
    [InlineData("Log: duplicates",
        "log $log2\nlog $log2\nquorum none\n", "line 2: the public key is already that of another log")]
    [InlineData("Witness: form", "witness a\nquorum none\n", "line 1: wants: witness <name> <vkey>")]
    [InlineData("Witness: form", "witness a $witness1 https://w.example more\nquorum none\n", "line 1: wants: witness")]
    [InlineData("Witness: form", "witness $witness1\nquorum none\n", "line 1: wants: witness")]
    [InlineData("Witness: a witness's signature type",
        "witness a $log1\nquorum none\n", "line 1: the vkey is not a witness's")]
    [InlineData("Witness: duplicates",
        "{a}\nwitness b $witness1\nquorum none\n", "line 2: the public key is already that of the witness \"a\"")]
    [InlineData("Witness: duplicates",
        "witness a $witness2\n{b}\nquorum none\n", "line 2: the public key is already that of the witness \"a\"")]
    [InlineData("Witness: one namespace",
        "{a}\nwitness a $witness2\nquorum none\n", "line 2: the name \"a\" is already")]
    [InlineData("Witness: none is predefined",
        "witness none $witness1\nquorum none\n", "line 1: the name \"none\" is taken")]
    [InlineData("Group: none is predefined",
        "{a}\ngroup none any a\nquorum none\n", "line 2: the name \"none\" is taken")]
    [InlineData("Group: one namespace", "{a}\n{b}\ngroup b any a\nquorum a\n", "line 3: the name \"b\" is already")]
    [InlineData("Group: one namespace",
        "{a}\ngroup g any a\nwitness g $witness2\nquorum a\n", "line 3: the name \"g\" is already")]
    [InlineData("Group: one namespace",
        "{a}\n{b}\ngroup g any a\ngroup g any b\nquorum a\n", "line 4: the name \"g\" is already")]
    [InlineData("Group: none is no member",
        "{a}\ngroup g any a none\nquorum g\n", "line 2: \"none\" cannot be a member")]
    [InlineData("Group: at least one member", "{a}\ngroup g any\nquorum a\n", "line 2: wants: group")]
    [InlineData("Group: at least one member", "{a}\ngroup g\nquorum a\n", "line 2: wants: group")]
    [InlineData("Group: 1 <= k", "{a}\ngroup g 0 a\nquorum g\n", "line 2: the threshold \"0\" is not")]
    [InlineData("Group: k <= n", "{a}\ngroup g 2 a\nquorum g\n", "line 2: the threshold \"2\" is not")]
    [InlineData("Group: k is a number", "{a}\ngroup g -1 a\nquorum g\n", "line 2: the threshold \"-1\" is not")]
    [InlineData("Group: k is a number", "{a}\ngroup g +1 a\nquorum g\n", "line 2: the threshold \"+1\" is not")]
    [InlineData("Group: k is decimal", "{a}\ngroup g 0x1 a\nquorum g\n", "line 2: the threshold \"0x1\" is not")]
    [InlineData("Group: k is decimal", "{a}\ngroup g 4294967297 a\nquorum g\n", "line 2: the threshold")]
    [InlineData("Group: k is decimal", "{a}\ngroup g 18446744073709551617 a\nquorum g\n", "line 2: the threshold")]
    [InlineData("Group: keywords are as they stand",
        "{a}\ngroup g ALL a\nquorum g\n", "line 2: the threshold \"ALL\" is not")]
    [InlineData("Group: k comes first", "{a}\ngroup g a 1\nquorum g\n", "line 2: \"1\" is not defined")]
    [InlineData("Group: preceding lines", "group g any a\n{a}\nquorum g\n", "line 1: \"a\" is not defined")]
    [InlineData("Group: no circles", "{a}\ngroup g any a g\nquorum g\n", "line 2: \"g\" is not defined")]
    [InlineData("Group: a member once", "{a}\ngroup g any a a\nquorum g\n", "line 2: \"a\" is already a member")]
    [InlineData("Group: a member once",
        "{a}\n{b}\ngroup g any a b\ngroup h any b\nquorum g\n", "line 4: \"b\" is already a member")]
    [InlineData("Group: a member once",
        "{a}\ngroup g any a\ngroup h any g\ngroup i any g\nquorum h\n", "line 4: \"g\" is already a member")]
    [InlineData("Quorum: form", "{a}\nquorum\n", "line 2: wants: quorum")]
    [InlineData("Quorum: form", "{a}\n{b}\nquorum a b\n", "line 3: wants: quorum")]
    [InlineData("Quorum: a preceding line", "quorum a\n{a}\n", "line 1: \"a\" is not defined")]
    [InlineData("Quorum: no log's name", "log $log1\nquorum log1.example\n", "line 2: \"log1.example\" is not defined")]
    [InlineData("Quorum: names are as they stand", "{a}\nquorum A\n", "line 2: \"A\" is not defined")]
    [InlineData("Character set: other spellings are other names",
        "witness \u00c3\u00a9 $witness1\nquorum e\u00cc\u0081\n", "line 2: \"e")]
    [InlineData("Character set: no carriage return", "quorum none\r\n", "line 1: has the control character 0x0d")]
    [InlineData("Character set: no vertical tab", "quorum\u000bnone\n", "line 1: has the control character 0x0b")]
    [InlineData("Character set: no zero", "\u0000quorum none\n", "line 1: has the control character 0x00")]
    [InlineData("Character set: no delete, in comments too",
        "quorum none\n# \u007f\n", "line 2: has the control character 0x7f")]
    public void Refuses_and_names_the_line(string clause, string text, string reason)
    {
        TlogPolicy.TryParse(PolicyKeys.File(text), out var policy, out var fault).ShouldBeFalse(clause);

        policy.ShouldBeNull(clause);
        fault!.ShouldContain(reason, Case.Sensitive, clause);
    }

    /// <summary>"even if they differ by key name and key id"</summary>
    [Fact]
    public void A_public_key_under_another_name_is_a_duplicate_too()
    {
        using var key = Ed25519SigningKey.Generate();
        var pq = new MLDsaCosigner("a.example");
        string Vkey(string name, NoteKeyType type) => new NoteKey(name, type, key.VerifyingKey).ToString();
        (string, string)[] pairs =
        [
            ($"log {Vkey("a.example", NoteKeyType.Ed25519)}", $"log {Vkey("b.example", NoteKeyType.Ed25519)}"),
            ($"witness a {Vkey("a", NoteKeyType.CosignatureV1)}", $"witness b {Vkey("b", NoteKeyType.CosignatureV1)}"),
            ($"log {pq.Vkey}", $"log {pq.VkeyOf("b.example")}"),
            ($"witness a {pq.Vkey}", $"witness b {pq.VkeyOf("b.example")}"),
        ];

        foreach (var (first, second) in pairs)
        {
            Fault($"{first}\n{second}\nquorum none\n").ShouldStartWith("line 2: the public key is already that of");
            Fault($"{first}\nquorum none\n").ShouldBe("");
        }

        // A log that is its own witness is strange, and no duplicate: they are different lists.
        Fault($"log {pq.Vkey}\nwitness a {pq.Vkey}\nquorum a\n").ShouldBe("");
    }

    /// <summary>"at least up to 32 logs, 32 witnesses, and 32 groups"</summary>
    [Theory]
    [InlineData(32, "")]
    [InlineData(256, "")]
    [InlineData(257, "more than 256")]
    public void There_is_a_limit_to_what_a_policy_has(int count, string reason)
    {
        var keys = Enumerable.Range(0, count).Select(n =>
        {
            using var key = Ed25519SigningKey.Generate();
            return (
                Log: new NoteKey($"log{n}", NoteKeyType.Ed25519, key.VerifyingKey),
                Witness: new NoteKey($"w{n}", NoteKeyType.CosignatureV1, key.VerifyingKey));
        }).ToList();
        var witnesses = keys.Select((key, n) => $"witness w{n} {key.Witness}\n").ToList();

        Fault(string.Concat(keys.Select(key => $"log {key.Log}\n")) + "quorum none\n").ShouldContain(reason);
        Fault(string.Concat(witnesses) + "quorum w0\n").ShouldContain(reason);
        Fault(witnesses[0]
            + string.Concat(Enumerable.Range(0, count).Select(n => $"group g{n} all {(n == 0 ? "w0" : $"g{n - 1}")}\n"))
            + $"quorum g{count - 1}\n").ShouldContain(reason);
    }

    [Fact]
    public void A_file_has_at_most_a_mebibyte()
    {
        const string end = "quorum none\n";

        Fault($"#{new string('x', TlogPolicy.MaxLength - end.Length - 2)}\n{end}").ShouldBe("");
        Fault($"#{new string('x', TlogPolicy.MaxLength - end.Length - 1)}\n{end}").ShouldContain("longer than");
    }

    [Fact]
    public void Names_and_urls_are_shown_as_utf_8()
    {
        var policy = Read(
            "witness \u00c3\u00a9\u00ff $witness2 https://w.example/\u00c3\u00a9\nlog $log2 l\n"
            + "quorum \u00c3\u00a9\u00ff\n");

        policy.QuorumName.ShouldBe("\u00e9\ufffd");
        policy.Witnesses[0].Url.ShouldBe("https://w.example/\u00e9");
        policy.Witnesses[0].Key.Type.ShouldBe(NoteKeyType.MLDsa44Cosignature);
        policy.Logs[0].Url.ShouldBe("l");
        policy.Logs[0].Key.Type.ShouldBe(NoteKeyType.MLDsa44Cosignature);
    }

    private static TlogPolicy Read(string text)
    {
        TlogPolicy.TryParse(PolicyKeys.File(text), out var policy, out var fault).ShouldBeTrue(fault);
        return policy!;
    }

    private static string Fault(string text) =>
        TlogPolicy.TryParse(Encoding.UTF8.GetBytes(text), out _, out var fault) ? "" : fault;
}
