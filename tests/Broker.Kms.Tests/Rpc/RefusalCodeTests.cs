using System.Reflection;
using Broker.Foundation.Results;
using Broker.Kms.Lifecycle;

namespace Broker.Kms.Tests.Rpc;

/// <summary>Every reason for which the KMS refuses is declared: once, with a stable code and a next step.</summary>
public sealed class RefusalCodeTests
{
    [Fact]
    public void Codes_are_stable_words_with_a_next_step_and_no_two_are_the_same()
    {
        var codes = typeof(KmsHost).Assembly.GetTypes()
            .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(field => field.FieldType == typeof(RefusalCode))
            .Select(field => (RefusalCode)field.GetValue(null)!)
            .ToList();

        codes.Count.ShouldBeGreaterThan(20);
        codes.Select(code => code.Text).ShouldBeUnique();
        foreach (var code in codes)
        {
            code.Text.ShouldMatch("^kms_[a-z_]+$");
            code.NextStep.ShouldMatch(@"^[A-Z].{10,}\.$");
            code.Outcome.ShouldNotBeNull(code.Text);

            // dstack's clients know these two.
            code.Status.ShouldBe(code.Outcome == LedgerOutcome.RateLimited ? 429 : 400, code.Text);
        }
    }
}
