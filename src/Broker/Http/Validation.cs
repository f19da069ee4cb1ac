using Broker.Foundation.Results;
using FluentValidation;

namespace Broker.Http;

/// <summary>Joins FluentValidation's verdict to our outcomes.</summary>
internal static class Validation
{
    /// <summary>The request itself, or a refusal that names every field that is wrong.</summary>
    public static Result<T> CheckedBy<T>(this T request, IValidator<T> validator)
        where T : notnull
    {
        var verdict = validator.Validate(request);
        return verdict.IsValid
            ? request
            : new Refusal(HttpRefusals.InvalidField,
                string.Join("; ", verdict.Errors.Select(error => error.ErrorMessage).Distinct()));
    }
}
