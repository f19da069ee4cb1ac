namespace Broker.Cryptography.Tests;

public class MLDsa44Tests
{
    private sealed record Case(
        string Number, string Verdict, string Key, string Message, string Context, string Signature);

    /// <summary>
    /// Wycheproof's verdicts on lengths, flipped bits, hints, norms, boundaries and contexts. A signature for another
    /// context than the empty one is none here, whatever it is to those who ask with that context.
    /// </summary>
    [Fact]
    public void Agrees_with_Wycheproof()
    {
        var cases = Read().ToList();
        cases.Count.ShouldBe(34);

        foreach (var one in cases)
        {
            var expected = one.Verdict == "valid" && one.Context.Length == 0;
            Verifies(one).ShouldBe(expected, $"case {one.Number}");
        }

        cases.Count(one => one.Verdict == "valid" && one.Context.Length > 0).ShouldBe(1);
        cases.Count(Verifies).ShouldBe(8);
    }

    [Fact]
    public void A_key_of_another_length_is_none()
    {
        Should.Throw<ArgumentException>(() => MLDsa44VerifyingKey.FromBytes(new byte[1311]));
        Should.Throw<ArgumentException>(() => MLDsa44VerifyingKey.FromBytes(new byte[1313]));
        MLDsa44VerifyingKey.FromBytes(new byte[1312]).Verify([1], new byte[2420]).ShouldBeFalse();
    }

    [Fact]
    public void Keys_are_equal_when_their_bytes_are()
    {
        var bytes = Bytes.Of(Read().First().Key);
        var key = MLDsa44VerifyingKey.FromBytes(bytes);

        key.ShouldBe(MLDsa44VerifyingKey.FromBytes(bytes));
        key.GetHashCode().ShouldBe(MLDsa44VerifyingKey.FromBytes(bytes).GetHashCode());
        key.Bytes.ToArray().ShouldBe(bytes);
        bytes[7] ^= 1;
        key.ShouldNotBe(MLDsa44VerifyingKey.FromBytes(bytes));
    }

    [Fact]
    public async Task One_key_verifies_on_many_threads_at_once()
    {
        var one = Read().First(one => one.Verdict == "valid");
        var key = MLDsa44VerifyingKey.FromBytes(Bytes.Of(one.Key));

        var verdicts = await Task.WhenAll(Enumerable.Range(0, 64).Select(n => Task.Run(
            () => key.Verify([.. Bytes.Of(one.Message), .. new byte[n % 2]], Bytes.Of(one.Signature)))));

        verdicts.ShouldBe(Enumerable.Range(0, 64).Select(n => n % 2 == 0));
    }

    // A key of a wrong length cannot be had, which is Wycheproof's "invalid" too.
    private static bool Verifies(Case one)
    {
        var key = Bytes.Of(one.Key);
        return key.Length == MLDsa44VerifyingKey.SizeInBytes
            && MLDsa44VerifyingKey.FromBytes(key).Verify(Bytes.Of(one.Message), Bytes.Of(one.Signature));
    }

    private static IEnumerable<Case> Read()
    {
        var path = Path.Combine(
            Fixtures.RepositoryRoot, "tests", "Broker.Cryptography.Tests", "mldsa44-verify.txt");
        var key = "";
        foreach (var line in File.ReadLines(path).Where(line => !line.StartsWith('#')))
        {
            var fields = line.Split(' ').Select(field => field == "-" ? "" : field).ToArray();
            if (fields[0] == "key") key = fields[1];
            else yield return new Case(fields[1], fields[2], key, fields[3], fields[4], fields[5]);
        }
    }
}
