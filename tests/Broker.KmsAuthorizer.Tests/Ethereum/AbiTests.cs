using System.Text;
using Broker.KmsAuthorizer.Ethereum;
using FsCheck;
using FsCheck.Fluent;

namespace Broker.KmsAuthorizer.Tests.Ethereum;

/// <summary>The examples of the Solidity documentation, "Contract ABI Specification", and hostile answers.</summary>
public sealed class AbiTests
{
    [Theory]
    [InlineData("baz(uint32,bool)", "cdcd77c0")]
    [InlineData("bar(bytes3[2])", "fce353f6")]
    [InlineData("sam(bytes,bool,uint256[])", "a5643bf2")]
    [InlineData("g(uint256[][],string[])", "2289b18c")]
    // ERC-165 interface id that dstack publishes for IAppAuth: its one function's selector.
    [InlineData($"isAppAllowed({OnChainBootInfo.Type})", "1e079198")]
    public void Makes_a_functions_selector(string signature, string expected) =>
        Convert.ToHexStringLower(KmsContract.Selector(signature)).ShouldBe(expected);

    [Fact]
    public void Encodes_the_documentations_example_of_a_static_and_dynamic_argument_list()
    {
        // sam("dave", true, [1,2,3])
        var encoded = AbiValue.Tuple(
            AbiValue.Text("dave"), Number(1), AbiValue.List([Number(1), Number(2), Number(3)]));

        Words(encoded).ShouldBe([
            "0000000000000000000000000000000000000000000000000000000000000060",
            "0000000000000000000000000000000000000000000000000000000000000001",
            "00000000000000000000000000000000000000000000000000000000000000a0",
            "0000000000000000000000000000000000000000000000000000000000000004",
            "6461766500000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000003",
            "0000000000000000000000000000000000000000000000000000000000000001",
            "0000000000000000000000000000000000000000000000000000000000000002",
            "0000000000000000000000000000000000000000000000000000000000000003",
        ]);
    }

    [Fact]
    public void Encodes_the_documentations_example_of_nested_lists()
    {
        // g([[1, 2], [3]], ["one", "two", "three"])
        var encoded = AbiValue.Tuple(
            AbiValue.List([AbiValue.List([Number(1), Number(2)]), AbiValue.List([Number(3)])]),
            AbiValue.List([AbiValue.Text("one"), AbiValue.Text("two"), AbiValue.Text("three")]));

        Words(encoded).ShouldBe([
            "0000000000000000000000000000000000000000000000000000000000000040",
            "0000000000000000000000000000000000000000000000000000000000000140",
            "0000000000000000000000000000000000000000000000000000000000000002",
            "0000000000000000000000000000000000000000000000000000000000000040",
            "00000000000000000000000000000000000000000000000000000000000000a0",
            "0000000000000000000000000000000000000000000000000000000000000002",
            "0000000000000000000000000000000000000000000000000000000000000001",
            "0000000000000000000000000000000000000000000000000000000000000002",
            "0000000000000000000000000000000000000000000000000000000000000001",
            "0000000000000000000000000000000000000000000000000000000000000003",
            "0000000000000000000000000000000000000000000000000000000000000003",
            "0000000000000000000000000000000000000000000000000000000000000060",
            "00000000000000000000000000000000000000000000000000000000000000a0",
            "00000000000000000000000000000000000000000000000000000000000000e0",
            "0000000000000000000000000000000000000000000000000000000000000003",
            "6f6e650000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000003",
            "74776f0000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000005",
            "7468726565000000000000000000000000000000000000000000000000000000",
        ]);
    }

    [Fact]
    public void Reads_back_a_verdict_with_any_reason() => Prop.ForAll<bool, NonNull<string>>((allowed, given) =>
    {
        // Text that is no Unicode (half a surrogate pair) has no encoding; the encoder would replace it.
        var reason = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(given.Get));
        var answer = new AbiReader(AbiValue.Tuple(Number(allowed ? (byte)1 : (byte)0), AbiValue.Text(reason)).Encoding);
        return answer.Bool(0) == allowed && answer.Text(1) == reason;
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("", "too few words")]
    [InlineData("0000", "too few words")]
    [InlineData("{0}", "too few words")]
    [InlineData("{2}{40}{0}", "neither 0 nor 1")]
    [InlineData("{ff}{40}{0}", "neither 0 nor 1")]
    [InlineData("{0}{60}{0}", "outside the answer")]
    [InlineData("{0}{ffffffff}{0}", "outside the answer")]
    [InlineData("{0}{7fffffffffffffff}{0}", "outside the answer")]
    [InlineData("{0}{40}{1}", "longer than the answer")]
    [InlineData("{0}{40}{ffffffffffffffffffffffff}", "longer than the answer")]
    [InlineData("{0}{40}{1}ff", "not UTF-8")]
    public void Refuses_an_answer_of_another_shape(string pattern, string because)
    {
        var answer = Answer(pattern);

        Should.Throw<EthereumUnavailableException>(() => ReadVerdict(answer)).Message.ShouldContain(because);
    }

    [Fact]
    public void Refuses_a_text_longer_than_its_limit_and_reads_the_longest_that_fits()
    {
        var fits = new string('x', AbiReader.MaxTextBytes);

        ReadVerdict(AbiValue.Tuple(Number(0), AbiValue.Text(fits)).Encoding.ToArray()).Reason.ShouldBe(fits);
        Should.Throw<EthereumUnavailableException>(
            () => ReadVerdict(AbiValue.Tuple(Number(0), AbiValue.Text(fits + "x")).Encoding.ToArray()));
    }

    [Fact]
    public void Refuses_an_address_with_bytes_before_it() => Should.Throw<EthereumUnavailableException>(
        () => new AbiReader(Answer($"{{1{new string('0', 40)}}}")).Address(0).ToArray());

    [Fact]
    public void Meets_any_bytes_with_a_verdict_or_a_refusal() => Prop.ForAll<byte[], byte>((noise, low) =>
    {
        // Half of the time in the shape of an answer, so that the checks behind the first are reached too.
        var answer = low % 2 == 0 ? noise : [.. Answer($"{{{low % 3:x}}}{{{low % 128:x}}}{{{low:x}}}"), .. noise];
        try
        {
            ReadVerdict(answer);
            return true;
        }
        catch (EthereumUnavailableException)
        {
            return true;
        }
    }).QuickCheckThrowOnFailure();

    private static ContractVerdict ReadVerdict(byte[] bytes)
    {
        var answer = new AbiReader(bytes);
        return new ContractVerdict(answer.Bool(0), answer.Text(1));
    }

    private static AbiValue Number(byte value) => AbiValue.Word([value]);

    private static string[] Words(AbiValue value) =>
        [.. Convert.ToHexStringLower(value.Encoding).Chunk(64).Select(word => new string(word))];

    /// <summary>Bytes from a pattern in which <c>{hex}</c> is a number in a word of its own.</summary>
    private static byte[] Answer(string pattern) => Convert.FromHexString(string.Concat(
        pattern.Split('{', '}').Select((part, i) => i % 2 == 1 ? part.PadLeft(64, '0') : part)));
}
