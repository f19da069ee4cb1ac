namespace Broker.LocalCloud.Policies;

/// <summary>One operator on one key with its accepted values, e.g. <c>StringLike s3:prefix ["bots/*"]</c>.</summary>
internal sealed class Condition
{
    private const string ForAll = "ForAllValues:";
    private const string ForAny = "ForAnyValue:";
    private const string IfExistsSuffix = "IfExists";

    private readonly string _key;
    private readonly IReadOnlyList<PolicyText> _wanted;
    private readonly ConditionOperators.Comparison? _compare;
    private readonly bool _negated;
    private readonly bool _ifExists;
    private readonly string? _quantifier;

    /// <exception cref="FormatException">IAM knows no such operator, or it does not take such values.</exception>
    public Condition(string name, string key, IReadOnlyList<PolicyText> wanted)
    {
        (_key, _wanted) = (key, wanted);
        if (name == "Null")
        {
            if (wanted.Any(value => value.Text is not ("true" or "false")))
                throw new FormatException("Null takes \"true\" or \"false\"");
            return;
        }

        _quantifier = name.StartsWith(ForAll, StringComparison.Ordinal) ? ForAll
            : name.StartsWith(ForAny, StringComparison.Ordinal) ? ForAny : null;
        var operation = name[(_quantifier?.Length ?? 0)..];
        _ifExists = operation.EndsWith(IfExistsSuffix, StringComparison.Ordinal);
        if (_ifExists) operation = operation[..^IfExistsSuffix.Length];
        (_compare, _negated) = ConditionOperators.Find(operation)
            ?? throw new FormatException($"unknown condition operator \"{name}\"");
    }

    public bool Holds(AccessRequest request)
    {
        var given = request.Values(_key);
        if (_compare is null) return _wanted.Any(value => value.Text == (given is null ? "true" : "false"));
        if (given is null) return _ifExists || (_quantifier is null ? _negated : _quantifier == ForAll);
        return _quantifier == ForAll || (_quantifier is null && _negated) ? given.All(Accepts) : given.Any(Accepts);

        bool Accepts(string value) => _wanted.Any(wanted => _compare(wanted, value, request)) != _negated;
    }
}
