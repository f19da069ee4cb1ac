using Broker.Ledger.Merkle;
using Broker.Ledger.Notes;
using Broker.Ledger.Policies;

namespace Broker.Ledger.Tests.Policies;

/// <summary>What C2SP tlog-policy says of a checkpoint: one of the logs signed it, the quorum cosigned it.</summary>
public sealed class PolicyVerdictTests
{
    private const long Time = 1_679_315_147;

    private static readonly Checkpoint Tree = new("log1.example", 7, TreeHasher.Leaf("entry"u8));

    private static readonly TlogPolicy Example = Read(PolicyGrammarTests.Example);

    // Two of X1, X2, X3 and one of Y1, Y2, Y3; half of them sign with ML-DSA-44.
    [Fact]
    public void The_example_is_satisfied_by_those_subsets_that_it_describes_and_by_no_other()
    {
        var lines = Enumerable.Range(1, 6).Select(n => PolicyKeys.Sign($"witness{n}", Tree.ToText())).ToList();
        var log = PolicyKeys.Sign("log1", Tree.ToText());
        for (var subset = 0; subset < 64; subset++)
        {
            var signed = Enumerable.Range(0, 6).Where(n => (subset >> n & 1) == 1).ToList();
            var expected = signed.Count(n => n < 3) >= 2 && signed.Any(n => n >= 3);

            var verdict = Judge(Example, [log, .. signed.Select(n => lines[n])]);

            verdict.IsQuorumMet.ShouldBe(expected, $"subset {subset}");
            (verdict.Fault is null).ShouldBe(expected, $"subset {subset}");
            verdict.Witnesses.Select(one => one.HasCosigned)
                .ShouldBe(Enumerable.Range(0, 6).Select(n => signed.Contains(n)), $"subset {subset}");
            verdict.Groups.Select(one => one.Count)
                .Take(2).ShouldBe([signed.Count(n => n < 3), signed.Count(n => n >= 3)], $"subset {subset}");
        }
    }

    [Fact]
    public void It_says_who_cosigned_when_and_what_is_missing()
    {
        var verdict = Judge(
            Example, [Line("log1"), Line("witness1"), Line("witness4", Time + 60), Line("witness4", Time)]);

        verdict.Log!.Key.Name.ShouldBe("log1.example");
        verdict.Fault.ShouldBe(
            "the quorum is not met: \"X-and-Y\" has 1 of the 2 that it needs, without \"X-witnesses\" has 1 of the 2 "
            + "that it needs, without \"X2\", \"X3\"");
        verdict.Witnesses.Select(one => one.At?.ToUnixTimeSeconds())
            .ShouldBe([Time, null, null, Time + 60, null, null]);
        verdict.Groups.Select(one => one.IsMet).ShouldBe([false, true, false]);
    }

    [Theory]
    [InlineData("log $log1\n{a}\nquorum a\n", "log1 witness1", null)]
    [InlineData("log $log1\n{a}\nquorum a\n", "log1", "the quorum is not met: \"a\" has not cosigned")]
    [InlineData("log $log1\n{a}\nquorum none\n", "log1", null)]
    [InlineData("log $log1\nquorum none\n", "log1 witness1 witness2", null)]
    [InlineData("log $log1\nlog $log2\nquorum none\n", "log1", null)]
    [InlineData("log $log3\nlog $log2\nquorum none\n", "log1", "which is none of the 2 logs that are trusted")]
    [InlineData("log $log3\nquorum none\n",
        "log1", "the checkpoint is of \"log1.example\", the key of \"log3.example\"")]
    [InlineData("log $log3\nquorum none\n", "log1 log3", "the checkpoint is of \"log1.example\", the key of")]
    [InlineData("log $log1\nquorum none\n", "log3", "no signature by log1.example+")]
    [InlineData("log $log1\n{a}\nquorum a\n", "witness1", "no signature by log1.example+")]
    [InlineData("quorum none\n", "log1", "the policy names no log")]
    [InlineData("log $log1\n{a}\n{b}\ngroup g all a b\nquorum b\n", "log1 witness2", null)]
    [InlineData("log $log1\n{a}\n{b}\ngroup g all a b\nquorum g\n", "log1 witness2", "without \"a\"")]
    public void Policies_and_who_signed(string policy, string signed, string? fault)
    {
        var verdict = Judge(Read(policy), [.. signed.Split(' ').Select(key => Line(key))]);

        if (fault is null) verdict.Fault.ShouldBeNull();
        else verdict.Fault.ShouldNotBeNull().ShouldContain(fault);
        (verdict.Log is null).ShouldBe(fault is not null && !fault.Contains("quorum", StringComparison.Ordinal)
            && !fault.StartsWith("without", StringComparison.Ordinal));
    }

    /// <summary>"When the policy is used for verifying a proof, all of the listed logs are accepted."</summary>
    [Fact]
    public void A_log_may_sign_with_ML_DSA_44()
    {
        var own = Tree with { Origin = "log2.example" };
        var policy = Read("log $log1\nlog $log2\nwitness a $witness2\nquorum a\n");

        var verdict = Judge(
            policy, [PolicyKeys.Sign("log2", own.ToText()), PolicyKeys.Sign("witness2", own.ToText())], own);

        verdict.Fault.ShouldBeNull();
        verdict.Log!.Key.Type.ShouldBe(NoteKeyType.MLDsa44Cosignature);
    }

    /// <summary>signed-note: a known key's signature that does not verify spoils the note.</summary>
    [Theory]
    [InlineData("log1")]
    [InlineData("witness1")]
    [InlineData("witness2")]
    [InlineData("witness3")]
    public void A_wrong_signature_of_a_known_key_spoils_what_the_others_signed(string key)
    {
        var wrong = PolicyKeys.Sign(key, (Tree with { Size = 8 }).ToText());
        string[] good = [.. new[] { "log1", "witness1", "witness2", "witness4" }.Select(one => Line(one))];

        Judge(Example, good).Fault.ShouldBeNull();
        Judge(Example, [.. good, wrong]).Fault.ShouldNotBeNull()
            .ShouldStartWith($"the signature of {PolicyKeys.NameOf(key)}+");
        Judge(Example, [wrong, .. good]).Fault.ShouldNotBeNull();

        // Of a key that the policy does not name it is of no concern.
        Judge(Example, [.. good, PolicyKeys.Sign("witness9", (Tree with { Size = 8 }).ToText())]).Fault.ShouldBeNull();
    }

    [Theory]
    [InlineData("origin")]
    [InlineData("size")]
    [InlineData("root")]
    public void What_was_signed_of_another_checkpoint_counts_for_none(string part)
    {
        var other = part switch
        {
            "origin" => Tree with { Origin = "log9.example" },
            "size" => Tree with { Size = 8 },
            _ => Tree with { Root = TreeHasher.Empty },
        };
        string[] lines = [.. new[] { "log1", "witness1", "witness2", "witness4" }.Select(one => Line(one))];

        var verdict = Judge(Example, lines, other);

        verdict.Fault.ShouldNotBeNull();
        verdict.IsQuorumMet.ShouldBeFalse();
        verdict.Witnesses.ShouldAllBe(one => !one.HasCosigned && one.At == null);
    }

    /// <summary>tlog-proof, "Use of timestamps": who left the time out has cosigned all the same.</summary>
    [Fact]
    public void A_cosignature_without_a_time_counts()
    {
        var verdict = Judge(Read("log $log1\nwitness a $witness2\nquorum a\n"), [Line("log1"), Line("witness2", 0)]);

        verdict.Fault.ShouldBeNull();
        verdict.Witnesses[0].ShouldBe(new WitnessVerdict(verdict.Witnesses[0].Witness, true, null));
    }

    /// <summary>A log whose origin is not its key's name is known only to who says so beside the file.</summary>
    [Fact]
    public void A_policy_without_logs_takes_those_that_are_known_otherwise()
    {
        NoteKey.TryParse(PolicyKeys.Vkey("log1"), out var key).ShouldBeTrue();
        var policy = Read("witness a $witness1\nquorum a\n");
        var own = Tree with { Origin = "the tree" };
        string[] lines = [PolicyKeys.Sign("log1", own.ToText()), PolicyKeys.Sign("witness1", own.ToText())];

        Judge(policy with { Logs = [new PolicyLog(key!, "the tree")] }, lines, own).Fault.ShouldBeNull();
        Judge(policy with { Logs = [new PolicyLog(key!)] }, lines, own).Fault.ShouldNotBeNull();
    }

    private static string Line(string key, long time = Time) => PolicyKeys.Sign(key, Tree.ToText(), time);

    private static PolicyVerdict Judge(TlogPolicy policy, string[] lines, Checkpoint? of = null)
    {
        SignedNote.TryParse($"{(of ?? Tree).ToText()}\n{string.Concat(lines)}", out var note).ShouldBeTrue();
        return policy.Judge(note!, of ?? Tree);
    }

    private static TlogPolicy Read(string text)
    {
        TlogPolicy.TryParse(PolicyKeys.File(text), out var policy, out var fault).ShouldBeTrue(fault);
        return policy!;
    }
}
