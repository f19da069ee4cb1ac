using System.Text;
using Broker.OAuth.ForeignIssuers;

namespace Broker.Fuzz.Targets;

/// <summary>A foreign issuer's token and its key set: what is taken apart is a JWT in compact form.</summary>
internal sealed class ForeignTokenTarget : IFuzzTarget
{
    public string Name => "foreign-token";

    public int Weight => 60;

    public IEnumerable<byte[]> Seeds() =>
    [
        // {"alg":"ES256","kid":"1"} and {"iss":"a","sub":"b","aud":["c"],"exp":1}
        "eyJhbGciOiJFUzI1NiIsImtpZCI6IjEifQ.eyJpc3MiOiJhIiwic3ViIjoiYiIsImF1ZCI6WyJjIl0sImV4cCI6MX0.AAAA"u8.ToArray(),
        "e30.e30.AA"u8.ToArray(),
        """{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"""u8.ToArray(),
    ];

    public void Execute(byte[] input)
    {
        try
        {
            if (KeySet.Parse(input).Count == 0) throw new FuzzFindingException("takes a key set without a key");
        }
        catch (FormatException)
        {
            // It is none, and says so.
        }

        try
        {
            using var token = ForeignToken.Read(Encoding.Latin1.GetString(input));
            _ = (token.Algorithm, token.KeyId, token["iss"], token["sub"], token.Time("exp"), token.IsFor("c"));
        }
        catch (FormatException)
        {
            // It is none, and says so.
        }
    }

    public long AllocationBound(int inputLength) => (256 * 1024) + (256L * inputLength);
}
