using Broker.Cli.Terminal;

namespace Broker.Cli.Ledger;

/// <summary>How a checkpoint stands towards a policy, for people: tables of the witnesses and of the groups.</summary>
internal static class PolicyText
{
    public static void Write(TextWriter output, PolicyAnswer answer)
    {
        if (answer.Witnesses.Count > 0)
        {
            var witnesses = new Table("WITNESS", "COSIGNED", "ALGORITHM", "KEY");
            foreach (var one in answer.Witnesses)
                witnesses.Add(one.Name, Cosigned(one), one.Algorithm, one.Key);
            witnesses.Write(output);
        }

        if (answer.Groups.Count > 0)
        {
            var groups = new Table("GROUP", "HAS", "NEEDS", "MEMBERS");
            foreach (var one in answer.Groups) groups.Add(one.Name, $"{one.Has}", $"{one.Needs}", $"{one.Members}");
            groups.Write(output);
        }

        output.WriteLine($"quorum {Table.Printable(answer.Quorum)}: {answer.Standing.Replace('_', ' ')}");
    }

    /// <summary>The same of a ledger's file: which checkpoint it is of, and what to do where there is none.</summary>
    public static void WriteOfFile(TextWriter output, PolicyAnswer answer)
    {
        if (answer.IsUnchecked)
        {
            output.WriteLine(
                $"witnesses: NOT CHECKED for the quorum {Table.Printable(answer.Quorum)}: a ledger's file holds no "
                + "cosignatures; give --known the checkpoint of /ledger/checkpoint/witnessed");
            return;
        }

        if (answer.TreeSize is { } size) output.WriteLine($"witnesses of the checkpoint of size {size}:");
        Write(output, answer);
        if (answer.Fault is { } fault) output.WriteLine($"WRONG  policy: {Table.Printable(fault)}");
    }

    private static string Cosigned(WitnessStanding witness) =>
        !witness.Cosigned ? "no" : witness.CosignedAt ?? "yes, without a time";
}
